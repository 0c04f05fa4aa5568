import { mkdir, readdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import {
  byteLength,
  collisionKey,
  isEquipmentId,
  projectNameProblems,
  segmentProblems,
} from "../../src/domain/PathSegment.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const devices = ["CON", "PRN", "AUX", "NUL"]
const ports = ["COM", "LPT"].flatMap((port) => [..."123456789¹²³"].map((digit) => `${port}${digit}`))
const reserved = [...devices, ...ports]

/** Characters that a name can't have, by their code points. */
const illegalPoints = [
  ...Array.from({ length: 0x20 }, (_, point) => point),
  ...Array.from({ length: 0x21 }, (_, point) => 0x7f + point),
  ...[...'<>:"/\\|?*'].map((char) => char.codePointAt(0)!),
  ...[0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
]
const illegal = new Set(illegalPoints.map((point) => String.fromCodePoint(point)))

const isReserved = (name: string): boolean => {
  const stem = name.split(".")[0]!.trimEnd().toUpperCase()
  return reserved.includes(stem)
}

/** The rules once more, read off the page that tells them. */
const isSafe = (name: string): boolean =>
  name !== "" &&
  [...name].every((char) => !illegal.has(char) && !/^[\ud800-\udfff]$/.test(char)) &&
  name === name.trim() &&
  !name.endsWith(".") &&
  !isReserved(name) &&
  Buffer.byteLength(name) <= 255

const piece = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 3 }),
  fc.string({ unit: "binary", maxLength: 2 }),
  fc.constantFrom(
    ...reserved,
    "con",
    "Lpt¹",
    ".",
    "..",
    " ",
    "x",
    "\u3000",
    "\u202e",
    "a/b",
    "\ud800",
    "{{x}}",
  ),
  fc.constantFrom(...illegal),
  fc.integer({ min: 60, max: 260 }).map((length) => "é".repeat(length / 2)),
)
const name = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""))

describe("a segment", () => {
  it.prop(
    "is safe exactly when no rule is broken",
    [name],
    ([value]) => {
      expect(segmentProblems(value).length === 0).toBe(isSafe(value))
    },
    { fastCheck: { numRuns: 2000 } },
  )

  it.prop("that is safe stays inside its folder", [name], ([value]) => {
    if (segmentProblems(value).length > 0) return
    expect(resolve("/root/folder", value)).toBe(`/root/folder/${value}`)
  })

  it.scopedLive("that is safe is a name that a file system gives back as it was", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const names = fc.sample(name, 300).filter((value) => segmentProblems(value).length === 0)
      expect(names.length).toBeGreaterThan(30)
      yield* Effect.promise(() =>
        Promise.all(names.map((value) => mkdir(join(root, value), { recursive: true }))),
      )
      expect((yield* Effect.promise(() => readdir(root))).toSorted()).toEqual([...new Set(names)].toSorted())
    }),
  )

  it("has every rule told by what breaks it", () => {
    const rules: Record<string, readonly [string, string]> = {
      "": ["segment_length", "is empty"],
      ".": ["illegal_filesystem_character", "is a relative path"],
      "..": ["illegal_filesystem_character", "is a relative path"],
      "a/b": ["illegal_filesystem_character", "contains the character U+002F"],
      "a\u0000": ["illegal_filesystem_character", "contains the character U+0000"],
      "a\u202eb": ["illegal_filesystem_character", "contains the character U+202E"],
      "a\ud800b": ["illegal_filesystem_character", "contains the character U+D800"],
      " a": ["illegal_filesystem_character", "begins or ends with a space"],
      "a\u3000": ["illegal_filesystem_character", "begins or ends with a space"],
      "a.": ["illegal_filesystem_character", "ends with a dot"],
      "...": ["illegal_filesystem_character", "ends with a dot"],
      "aux.tar.gz": ["reserved_filesystem_name", "is a reserved device name"],
      "com¹": ["reserved_filesystem_name", "is a reserved device name"],
      "nul .txt": ["reserved_filesystem_name", "is a reserved device name"],
      ["é".repeat(128)]: ["segment_length", "is longer than 255 bytes"],
    }
    const told = Object.keys(rules).map((value) => {
      const [problem, ...others] = segmentProblems(value)
      return [value, others.length === 0 ? [problem?.rule, problem?.detail] : others]
    })
    expect(Object.fromEntries(told)).toEqual(rules)
  })

  it("breaks several rules at once and says so", () => {
    expect(segmentProblems(" a:b.").map(({ detail }) => detail)).toEqual([
      "contains the character U+003A",
      "begins or ends with a space",
      "ends with a dot",
    ])
  })

  it("may look like what is forbidden", () => {
    const fine = [
      "COM",
      "COM0",
      "COM10",
      "LPT",
      "CONSOLE",
      "Console.txt",
      "a.con",
      ".con",
      "nula",
      "..a",
      "a..b",
      "-rf",
      "~",
      "a b",
      "'",
      "\u200dz",
      "é",
    ]
    expect(fine.filter((value) => segmentProblems(value).length > 0)).toEqual([])
    expect(segmentProblems("a".repeat(255))).toEqual([])
  })
})

describe("a project's name", () => {
  it.prop("is a safe segment, shorter, without a dot in front, and no folder for runs", [name], ([value]) => {
    const fine =
      isSafe(value) &&
      !value.startsWith(".") &&
      !/^(test)?runs$/i.test(value) &&
      Buffer.byteLength(value) <= 200
    expect(projectNameProblems(value).length === 0).toBe(fine)
  })

  it("names each reason", () => {
    expect(projectNameProblems("Runs")).toEqual(["is the name of a folder for runs"])
    expect(projectNameProblems("TESTRUNS")).toEqual(["is the name of a folder for runs"])
    expect(projectNameProblems(".hidden")).toEqual(["begins with a dot"])
    expect(projectNameProblems("..")).toEqual(["is a relative path"])
    expect(projectNameProblems("é".repeat(100))).toEqual([])
    expect(projectNameProblems(`${"é".repeat(100)}x`)).toEqual(["is longer than 200 bytes"])
    expect(projectNameProblems("x".repeat(256))).toEqual([
      "is longer than 255 bytes",
      "is longer than 200 bytes",
    ])
  })
})

describe("names that collide", () => {
  it.prop("are those that differ in case or in Unicode's normal form alone", [name, name], ([a, b]) => {
    for (const other of [a.normalize("NFD"), a.normalize("NFC"), collisionKey(a)]) {
      expect(collisionKey(other)).toBe(collisionKey(a))
    }
    if (a.normalize("NFC").toLowerCase() === b.normalize("NFC").toLowerCase()) {
      expect(collisionKey(a)).toBe(collisionKey(b))
    }
  })

  it("for example", () => {
    expect(collisionKey("Méta.TXT")).toBe(collisionKey("me\u0301ta.txt"))
    expect(collisionKey("a")).not.toBe(collisionKey("á"))
  })
})

describe("an equipment's id", () => {
  it("is 1 to 32 capital letters, digits and _, a letter first", () => {
    const right = ["A", "CONFOCAL_01", "A".repeat(32), "Z_"]
    const wrong = ["", "a", "1A", "_A", "A-1", "A 1", "A".repeat(33), "Ä", "A\n", "\nA", "A\u0000", "А"]
    expect(right.filter((id) => !isEquipmentId(id))).toEqual([])
    expect(wrong.filter(isEquipmentId)).toEqual([])
  })
})

describe("bytes of a name", () => {
  it.prop("are those that a file system counts", [fc.string({ unit: "grapheme" })], ([value]) => {
    expect(byteLength(value)).toBe(Buffer.byteLength(value))
  })
})
