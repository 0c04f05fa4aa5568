import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { nameProblems, printable } from "../../src/domain/NameRules.ts"

const brief = (name: string) => nameProblems(name).map(({ rule, token }) => `${rule} ${token}`)

const illegal = (token: string) => `illegal_filesystem_character ${token}`

describe("names", () => {
  it.each([...'<>:"/\\|?*\u0000\n\u007f\u0085\u202e'])("the character %j is illegal", (character) => {
    expect(brief(`a${character}b`)).toEqual([illegal(character)])
  })

  it.each([
    ["notes.", [illegal(".")]],
    ["notes ", [illegal(" ")]],
    ["notes. ", [illegal(" ")]],
    ["a:b.", [illegal(":"), illegal(".")]],
    ["notes\t", [illegal("\t")]],
    [" ", [illegal(" ")]],
    ["..", [illegal("..")]],
    ["CON", ["reserved_filesystem_name CON"]],
    ["nul.txt", ["reserved_filesystem_name nul.txt"]],
    ["com¹.tar.gz", ["reserved_filesystem_name com¹.tar.gz"]],
    ["<sample>", [illegal("<"), "unresolved_placeholder_token <sample>"]],
    ["<a>_<b>.csv", [illegal("<"), "unresolved_placeholder_token <a>", "unresolved_placeholder_token <b>"]],
    ["<a>_<a>.csv", [illegal("<"), "unresolved_placeholder_token <a>"]],
    ["{{sample}}.csv", ["leftover_jinja_marker {{sample}}"]],
    ["{%x%}", ["leftover_jinja_marker {%x%}"]],
  ])("%j breaks rules", (name, expected) => {
    expect(brief(name)).toEqual(expected)
  })

  it.each([
    "CONFOCAL",
    "Console.txt",
    "CON1",
    "COM10",
    "COM0",
    "auxiliary",
    "xnul",
    ".hidden",
    "a.b.c",
    "{ {x} }",
    "{x}",
    "100%",
    "{}",
    "Größe µm",
    "样品",
    "🔬",
    "e\u0301",
    "-rf",
    "~",
    "$HOME",
    "a'b",
    "Run_2026-04-17T14-32-00",
  ])("%j breaks none", (name) => {
    expect(brief(name)).toEqual([])
  })

  it("a byte that isn't UTF-8 is named, and nothing that leaves holds half of a pair", () => {
    const [problem] = nameProblems("caf\udce9.txt")
    expect(problem).toEqual({
      rule: "illegal_filesystem_character",
      token: "\\xe9",
      detail: "holds the byte \\xe9, which is not UTF-8",
    })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.string({ unit: "binary", maxLength: 20 }),
        FastCheck.nat(0x3ff),
        (name, half) => {
          const broken = `${name}${String.fromCharCode(0xdc00 + half)}${name}`
          const said = JSON.stringify([printable(broken), nameProblems(broken)])
          expect(said).not.toMatch(/\\ud[89a-f]/)
          expect(nameProblems(broken).length).toBeGreaterThan(0)
        },
      ),
    )
  })

  it("finds each rule and token once", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.stringMatching(/^[<>a-z{}%.: ]{1,30}$/), (name) => {
        expect(brief(name)).toEqual([...new Set(brief(name))])
      }),
    )
  })
})
