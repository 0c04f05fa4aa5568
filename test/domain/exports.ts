import { FastCheck as fc } from "effect"
import { readCreation, type StoredRecord } from "../../src/domain/StoredRecord.ts"
import { creationJson, utf8 } from "./records.ts"
import { Either } from "effect"
import type { JsonObject } from "../../src/domain/Json.ts"

/** Names that file systems take, and that formats stumble over. */
export const names: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(
      "a:b",
      "100%",
      "%41",
      "a b",
      "#1",
      "what?",
      "it's (1)*.csv",
      "[x]&{y}",
      "Größe.txt",
      "gro\u0308ße",
      "面试.mp4",
      "\u{1F52C}",
      "\u202Eevil",
      "\uE000",
      "line\nbreak",
      "\r",
      '"',
      "<b>",
      "~",
      "-rf",
      "...",
      "+",
      "constructor",
      "__proto__",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
  )
  .map((name) => name.replaceAll(/[/\0]/g, "_"))
  .filter((name) => name !== "." && name !== ".." && !/\p{Surrogate}/u.test(name) && utf8(name).length < 200)

/** Paths of files, with the folders around them; none lies where another one is. */
export const trees = (more: {
  readonly maxFiles: number
}): fc.Arbitrary<{
  readonly files: ReadonlyArray<string>
  readonly directories: ReadonlyArray<string>
}> =>
  fc
    .array(fc.record({ path: fc.array(names, { minLength: 1, maxLength: 3 }), isFile: fc.boolean() }), {
      maxLength: more.maxFiles,
    })
    .map((wanted) => {
      const files = new Set<string>()
      const directories = new Set<string>()
      for (const { isFile, path } of wanted) {
        const around = path.slice(0, -1).map((_, index) => path.slice(0, index + 1).join("/"))
        const own = path.join("/")
        if (around.some((one) => files.has(one)) || files.has(own) || directories.has(own)) continue
        for (const one of around) directories.add(one)
        if (isFile) files.add(own)
        else directories.add(own)
      }
      return { files: [...files].toSorted(), directories: [...directories].toSorted() }
    })

const texts = fc.oneof(
  fc.constantFrom("", "asmith", "two\nlines", '"<&>"', "#x", "http://a b"),
  fc.string({ unit: "binary", maxLength: 8 }),
)

const plugins = (version: string) =>
  fc.array(
    fc.record({
      plugin: texts,
      version: texts,
      files_affected: fc.array(fc.oneof(names, fc.constantFrom("data.csv", "gone.csv")), { maxLength: 3 }),
      status: fc.constantFrom(
        ...["success", "failed", "skipped", "timeout", "policy_violation"],
        ...(version === "1.12" ? ["deferred"] : []),
      ),
      reason: fc.option(texts),
    }),
    { maxLength: 4 },
  )

/** Records as any writer may leave them: with less than this service writes, and with more. */
export const storedRecords: fc.Arbitrary<StoredRecord> = fc
  .constantFrom("1.4", "1.9", "1.12")
  .chain((version) =>
    fc
      .record({
        created_at: fc.oneof(fc.constantFrom("2026-04-17T14:32:00Z", "2026-04-17", ""), texts),
        created_by: texts,
        lims_project: fc.option(fc.record({ short_id: texts, name_at_creation: texts })),
        template: fc.option(fc.record({ name: texts, version: texts })),
        orchestrator: fc.option(fc.record({ equipment_label: texts })),
        applied: plugins(version),
      })
      .map(({ applied, ...fields }) => {
        const json: JsonObject = {
          ...creationJson,
          ...fields,
          schema_version: version,
          plugins_applied: applied.map(({ files_affected, plugin, status, version: own }) => ({
            ...{ files_affected, plugin, status, version: own },
          })),
          provenance: { plugins: applied.map(({ plugin, reason }) => ({ plugin, reason })) },
        }
        return Either.getOrThrow(readCreation("creation.json", utf8(JSON.stringify(json)))).record
      }),
  )

export const licenses = fc.constantFrom(
  null,
  "CC-BY-4.0",
  "https://spdx.org/licenses/MIT.html",
  "https://lab.example.org/terms?v=1#own",
)
