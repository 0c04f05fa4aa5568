import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { describe } from "vitest"
import { collisionKey, segmentProblems } from "../../../src/domain/PathSegment.ts"
import {
  emptyDirectory,
  type Files,
  layer,
  loadProblems,
  manifest,
  readTree,
  renderInto,
  resolve,
  template,
} from "./engine.ts"

const twoNames = manifest("questions:\n  a: { type: text }\n  b: { type: text }\n")

/** Renders a template over two free texts, into a directory that has a neighbour. */
const attempt = (answers: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const resolved = yield* resolve()
    const destination = yield* emptyDirectory
    const outcome = yield* Effect.either(
      renderInto(resolved, { destination, answers: { b: "b", ...answers } }),
    )
    const message = outcome._tag === "Left" ? outcome.left.message : null
    return { message, tree: readTree(destination), destination }
  })

const hostile = [
  "..",
  ".",
  "../up",
  "a/b",
  "/etc/passwd",
  "a\\b",
  "a\0b",
  "a\nb",
  "CON",
  "con.txt",
  "AUX.tar.gz",
  "nul",
  "COM1",
  "com¹",
  "LPT³.csv",
  "a:b",
  "a.",
  "a ",
  " a",
  "a*",
  "a?",
  "<a>",
  "a|b",
  '"a"',
  "a\u202eb",
  "a\u0085b",
  "x".repeat(256),
  "é".repeat(128),
  "\ud800",
]

describe("rendered names", () => {
  const files: Files = { "{{a}}": "x", "{{b}}.txt.hbs": "y", "{{b}}_dir/c.txt": "z" }

  it.scopedLive("that are no safe segment end the render, with the template's path and the value", () =>
    Effect.gen(function* () {
      yield* template(files, { manifest: twoNames })
      for (const a of hostile) {
        const { message, tree } = yield* attempt({ a })
        expect([a, message]).toEqual([a, expect.stringMatching(/^t\/\{\{a\}\}: |^t\/: variables\.a /)])
        expect([a, tree]).toEqual([a, {}])
      }
      const { message } = yield* attempt({ a: "a/b" })
      expect(message).toBe('t/{{a}}: the name "a/b" contains the character U+002F')
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("never lead out of the tree, nor merge, whatever two values hold", () =>
    Effect.gen(function* () {
      yield* template({ "{{a}}": "x", "{{b}}": "y" }, { manifest: twoNames })
      const resolved = yield* resolve()
      const name = fc.oneof(
        fc.constantFrom(...hostile, "A", "a", "Å", "A\u030a", "é", "e\u0301", "README.md", "runs", "x"),
        fc.fullUnicodeString({ maxLength: 6 }),
      )
      const samples = fc.sample(fc.record({ a: name, b: name }), 400)
      for (const answers of samples) {
        const parent = yield* emptyDirectory
        const destination = `${parent}/tree`
        fs.mkdirSync(destination)
        const outcome = yield* Effect.either(renderInto(resolved, { destination, answers }))
        expect(fs.readdirSync(parent)).toEqual(["tree"])
        const wanted = [answers.a, answers.b].filter((text) => text !== "")
        const fine =
          wanted.every((text) => segmentProblems(text).length === 0) &&
          new Set(wanted.map(collisionKey)).size === wanted.length &&
          !wanted.some((text) => ["readme.md", "runs"].includes(collisionKey(text)))
        expect([answers, outcome._tag]).toEqual([answers, fine ? "Right" : "Left"])
        if (fine) expect(Object.keys(readTree(destination)).toSorted()).toEqual(wanted.toSorted())
        else expect(readTree(destination)).toEqual({})
      }
    }).pipe(Effect.scoped, Effect.provide(layer())),
  )

  it.scopedLive.each<[string, string]>([
    ["a.txt", "a.txt"],
    ["A.TXT", "a.txt"],
    ["é", "e\u0301"],
    ["STRASSE", "Strasse"],
  ])("%j and %j in one directory collide", ([a, b]) =>
    Effect.gen(function* () {
      yield* template({ "sub/{{a}}": "x", "sub/{{b}}.hbs": "y" }, { manifest: twoNames })
      const { message } = yield* attempt({ a, b })
      expect(message).toContain(`t/sub/{{b}}.hbs: becomes sub/${b}, which sub/{{a}} becomes, too`)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the same in different directories don't collide, two directories of one name do", () =>
    Effect.gen(function* () {
      yield* template(
        { "x_{{a}}/n": "x", "y_{{b}}/n": "y", "{{a}}/p": "", "{{b}}/q": "" },
        { manifest: twoNames },
      )
      expect((yield* attempt({ a: "k", b: "l" })).message).toBeNull()
      expect((yield* attempt({ a: "k", b: "K" })).message).toContain(
        "t/{{b}}: becomes K, which {{a}} becomes, too",
      )
    }).pipe(Effect.provide(layer())),
  )

  const reserved = ["README.md", "readme.MD", ".exlab-wizard", ".Exlab-Answers.yml", "Runs", "TESTRUNS"]

  it.scopedLive.each(reserved)("%s is kept for the service, at the top only", (name) =>
    Effect.gen(function* () {
      yield* template({ "{{a}}": "x" }, { manifest: twoNames })
      expect((yield* attempt({ a: name })).message).toBe(
        `t/{{a}}: the name ${name} is kept for the service itself`,
      )
      yield* template(
        { "sub/{{a}}": "x" },
        { name: "u", manifest: manifest("questions:\n  a: { type: text }\n", "u") },
      )
      const resolved = yield* resolve("u")
      const destination = yield* emptyDirectory
      yield* renderInto(resolved, { destination, answers: { a: name } })
      expect(Object.keys(readTree(destination))).toContain(`sub/${name}`)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a name that is never a string is one like any other", () =>
    Effect.gen(function* () {
      yield* template(
        { "{{n}}_{{b}}.txt": "" },
        { manifest: manifest("questions:\n  n: { type: number }\n  b: { type: boolean }\n") },
      )
      const resolved = yield* resolve()
      const destination = yield* emptyDirectory
      yield* renderInto(resolved, { destination, answers: { n: 1.5, b: true } })
      expect(Object.keys(readTree(destination))).toEqual(["1.5_true.txt"])
    }).pipe(Effect.provide(layer())),
  )
})

describe("names that are wrong before anything is rendered", () => {
  it.scopedLive.each<[Files, string]>([
    [{ "aux.txt": "x" }, 'aux.txt the name "aux.txt" is a reserved device name'],
    [{ "a:b.hbs": "x" }, 'a:b.hbs the name "a:b" contains the character U+003A'],
    [{ "a..hbs": "x" }, 'a..hbs the name "a." ends with a dot'],
    [{ ".hbs": "x" }, '.hbs the name "" is empty'],
    [{ "a/ b/c": "x" }, 'a/ b the name " b" begins or ends with a space'],
    [{ "a\nb": "x" }, "a\nb has a name with control characters, or one that isn't UTF-8"],
    [{ "README.md.hbs": "x" }, "README.md.hbs the name README.md is kept for the service itself"],
    [{ "Runs/a": "x" }, "Runs the name Runs is kept for the service itself"],
    [
      { "a.txt": "x", "A.TXT.hbs": "x" },
      "a.txt becomes a.txt, which A.TXT.hbs becomes, too, where case doesn't count",
    ],
    [{ "{{nope}}": "x" }, "{{nope}}:1 there is no variable `nope`"],
    [{ "{{#if a}}": "x" }, "{{#if a}}:1 a block or an expression is never closed"],
  ])("%j", ([files, message]) =>
    Effect.gen(function* () {
      yield* template(files)
      expect(yield* loadProblems()).toEqual([expect.stringContaining(message)])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a name that isn't UTF-8", () =>
    Effect.gen(function* () {
      const path = yield* template({})
      fs.writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x61, 0xff])]), "x")
      expect(yield* loadProblems()).toEqual([expect.stringContaining("isn't UTF-8")])
    }).pipe(Effect.provide(layer())),
  )
})
