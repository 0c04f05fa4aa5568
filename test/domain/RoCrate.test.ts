import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import type { CrateContents } from "../../src/domain/crateEntity.ts"
import { projectDestination } from "../../src/domain/Destination.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { roCrateMetadata } from "../../src/domain/RoCrate.ts"
import { packageUrl, relativeIri } from "../../src/domain/relativeIri.ts"
import { crateProblems, processorProblems } from "../support/roCrate.ts"
import { licenses, names, storedRecords, trees } from "./exports.ts"

const destination = projectDestination("/data", "CONFOCAL_01", "PROJ-0042")

const contents: fc.Arbitrary<CrateContents> = fc
  .record({
    record: storedRecords,
    tree: trees({ maxFiles: 8 }),
    license: licenses,
    organization: fc.constantFrom(null, "Example University"),
    label: fc.constantFrom(null, "", "Cells, day 3", "two\nlines"),
  })
  .map(({ label, tree: { directories, files }, ...others }) => ({
    ...others,
    destination,
    directories,
    files: files.map((path) => ({
      path,
      size: path.length,
      sha256: createHash("sha256").update(path).digest("hex"),
      mediaType: "text/csv",
    })),
    readme:
      label === null
        ? null
        : {
            schemaVersion: "1.1",
            generatedAt: "",
            coreFields: { label, operator: "asmith", objective: label },
            templateFields: {},
            configFields: {},
            customFields: [],
            systemFields: {},
            body: "",
          },
    exportedAt: "2026-05-01T08:00:00Z",
    version: "0.1.0",
  }))

const written = (crate: CrateContents): JsonObject => JSON.parse(JSON.stringify(roCrateMetadata(crate)))

const sample = (): CrateContents => fc.sample(contents, { numRuns: 1, seed: 1 })[0]!

const entitiesOf = (document: JsonObject): ReadonlyArray<JsonObject> =>
  document["@graph"] as ReadonlyArray<Json> as ReadonlyArray<JsonObject>

const entityOf = (document: JsonObject, id: string): JsonObject | undefined =>
  entitiesOf(document).find((one) => one["@id"] === id)

describe("an RO-Crate's metadata", () => {
  it("has all that RO-Crate 1.2 requires, whatever records, names and settings say", () => {
    fc.assert(
      fc.property(contents, (crate) => {
        expect(crateProblems(written(crate), crate)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it("is to another JSON-LD processor what it says, flattened and compacted, every term known", async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (crate) => {
        expect(await processorProblems(written(crate))).toEqual([])
      }),
      { numRuns: 10 },
    )
  })

  it("would be found out if it lacked something, or told of something that isn't there", async () => {
    const crate = {
      ...sample(),
      files: [{ path: "a/b.csv", size: 1, sha256: "0".repeat(64), mediaType: "text/csv" }],
      directories: ["a"],
    }
    const document = roCrateMetadata(crate)
    expect(crateProblems(document, crate)).toEqual([])
    const changed = (id: string, change: JsonObject): JsonObject => ({
      ...document,
      "@graph": entitiesOf(document).map((one) => (one["@id"] === id ? { ...one, ...change } : one)),
    })
    const without = (id: string): JsonObject => ({
      ...document,
      "@graph": entitiesOf(document).filter((one) => one["@id"] !== id),
    })
    const wrong = [
      changed("./", { datePublished: "yesterday" }),
      changed("./", { name: "" }),
      changed("./", { author: { "@id": "#nobody" } }),
      changed("./", { hasPart: [] }),
      changed("a/b.csv", { contentSize: "2" }),
      changed("a/b.csv", { "@id": "a b.csv" }),
      changed("#exlab-wizard", { url: "" }),
      changed("ro-crate-metadata.json", { conformsTo: { "@id": "https://w3id.org/ro/crate/1.1" } }),
      without("a/b.csv"),
      without("ro-crate-metadata.json"),
      { ...document, "@context": "https://schema.org/" },
    ]
    for (const one of wrong) {
      expect(crateProblems(one, crate)).not.toEqual([])
    }
    await expect(processorProblems(changed("./", { unheardOf: "x" }))).rejects.toThrow("Safe mode")
  })

  it("tells each plugin's outcome, its error, and of what it changed what is there", () => {
    const base = sample()
    const applied = (plugin: string, status: string) => ({
      plugin,
      version: "1.0",
      status,
      filesAffected: ["a.csv", "gone.csv"],
    })
    const document = roCrateMetadata({
      ...base,
      files: [{ path: "a.csv", size: 1, sha256: "0".repeat(64), mediaType: "text/csv" }],
      directories: [],
      record: {
        ...base.record,
        createdBy: "asmith",
        pluginsApplied: [
          applied("one", "success"),
          applied("two", "timeout"),
          applied("three", "skipped"),
          applied("four", "deferred"),
        ],
        provenance: {
          plugins: [
            { plugin: "one", reason: null },
            { plugin: "two", reason: "took 60 s" },
            { plugin: "other", reason: "x" },
          ],
        },
      },
    })
    const status = (name: string) => ({ "@id": `http://schema.org/${name}ActionStatus` })
    expect(entityOf(document, "#plugin-1-action")).toMatchObject({
      "@type": "CreateAction",
      agent: { "@id": "#operator" },
      instrument: { "@id": "#plugin-1" },
      result: { "@id": "a.csv" },
      actionStatus: status("Completed"),
    })
    expect(entityOf(document, "#plugin-1")).toMatchObject({ name: "one", version: "1.0" })
    expect(entityOf(document, "#plugin-1-action")).not.toHaveProperty("error")
    expect(entityOf(document, "#plugin-2-action")).toMatchObject({
      actionStatus: status("Failed"),
      error: "took 60 s",
    })
    expect(entityOf(document, "#plugin-3-action")).toMatchObject({ actionStatus: status("Potential") })
    expect(entityOf(document, "#plugin-3-action")).not.toHaveProperty("description")
    expect(entityOf(document, "#plugin-4-action")).not.toHaveProperty("actionStatus")
    expect(entityOf(document, "#creation")).toMatchObject({
      instrument: [{ "@id": "#exlab-wizard" }, { "@id": "#equipment" }],
      actionStatus: status("Completed"),
    })
  })

  it.each([
    ["CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0", "CC-BY-4.0"],
    ["https://spdx.org/licenses/MIT.html", "https://spdx.org/licenses/MIT.html", "MIT"],
    ["https://lab.example.org/terms", "https://lab.example.org/terms", "https://lab.example.org/terms"],
  ])("has the licence %s as an entity of its own", (license, id, name) => {
    const document = roCrateMetadata({ ...sample(), license })
    expect(entityOf(document, "./")?.["license"]).toEqual({ "@id": id })
    expect(entityOf(document, id)).toMatchObject({ "@type": "CreativeWork", name })
  })

  it("says that no licence was chosen", () => {
    expect(entityOf(roCrateMetadata({ ...sample(), license: null }), "./")?.["license"]).toMatch(
      /^No licence/,
    )
  })
})

describe("names in IRIs", () => {
  it("lead back to the path, keep their letters, and are no scheme, query or fragment", () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 3 }), (segments) => {
        const path = segments.join("/")
        const iri = relativeIri(path)
        expect(decodeURIComponent(iri)).toBe(path)
        expect(iri).not.toMatch(/[\s:?#"<>\\^`{|}\p{Cc}]/u)
      }),
      { numRuns: 500 },
    )
    expect(relativeIri("Größe 5%/面试.mp4")).toBe("Größe%205%25/面试.mp4")
  })

  it("of software are package URLs", () => {
    expect(packageUrl("generic", "a b/c", "1.0+x")).toBe("pkg:generic/a%20b%2Fc@1.0%2Bx")
    expect(packageUrl("npm", "exlab-wizard", "")).toBe("pkg:npm/exlab-wizard")
    expect(packageUrl("generic", "\uD800", "1")).toBe("pkg:generic/%EF%BF%BD@1")
  })
})
