import { readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import jsonld from "jsonld"
import type { Json, JsonObject } from "../../src/domain/Json.ts"

const contextUrl = "https://w3id.org/ro/crate/1.2/context"
const context = JSON.parse(
  readFileSync(new URL("../fixtures/ro-crate/context.jsonld", import.meta.url), "utf8"),
)

const documentLoader = (url: string) =>
  url === contextUrl
    ? Promise.resolve({ contextUrl: undefined, documentUrl: url, document: context })
    : Promise.reject(new Error(`not to be loaded: ${url}`))

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: Json | undefined): ReadonlyArray<Json> =>
  value === undefined ? [] : Array.isArray(value) ? (value as ReadonlyArray<Json>) : [value as Json]

const idOf = (value: Json | undefined): string => (isObject(value) ? String(value["@id"]) : "")

const hasType = (entity: JsonObject, type: string): boolean => listOf(entity["@type"]).includes(type)

const isText = (value: Json | undefined): boolean => typeof value === "string" && value !== ""

const isDate = (value: Json | undefined): boolean =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/.test(value)

export interface CrateFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** What lies in a crate's folder, the document itself left out. */
export interface CrateTree {
  readonly files: ReadonlyArray<CrateFile>
  readonly directories: ReadonlyArray<string>
}

/** "Flattened": entities refer to each other, and none is written inside another. "Compacted": no list of one. */
const formProblems = (entity: JsonObject): ReadonlyArray<string> =>
  Object.entries(entity).flatMap(([name, value]) => {
    const isNested = listOf(value).some(
      (one) => isObject(one) && !isDeepStrictEqual(Object.keys(one), ["@id"]),
    )
    return [
      ...(isNested ? [`${idOf(entity)} ${name} holds an entity`] : []),
      ...(Array.isArray(value) && value.length < 2
        ? [`${idOf(entity)} ${name} is a list of less than two`]
        : []),
    ]
  })

/** Every MUST of an entity by its type: root-data-entity, data-entities, contextual-entities, provenance, workflows. */
const typeProblems = (entity: JsonObject): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const must = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(`${idOf(entity)}: ${what}`)
  }
  must(isText(entity["@id"]), "@id")
  must(listOf(entity["@type"]).length > 0, "@type")
  must(hasType(entity, "CreativeWork") || isText(entity["name"]), "name")
  if (hasType(entity, "SoftwareApplication")) {
    for (const key of ["name", "url", "version"]) must(isText(entity[key]), key)
  }
  if (hasType(entity, "CreateAction")) {
    must(entity["endTime"] === undefined || isDate(entity["endTime"]), "endTime")
    must(idOf(entity["instrument"]) !== "" || Array.isArray(entity["instrument"]), "instrument")
    must(entity["object"] !== undefined || entity["result"] !== undefined, "object or result")
  }
  return wrong
}

const descriptorProblems = (entities: ReadonlyMap<string, JsonObject>): ReadonlyArray<string> => {
  const descriptor = entities.get("ro-crate-metadata.json")
  const root = entities.get("./")
  if (descriptor === undefined || root === undefined) return ["no descriptor, or no root"]
  const { license } = root
  return [
    ...(hasType(descriptor, "CreativeWork") ? [] : ["the descriptor's @type"]),
    ...(idOf(descriptor["about"]) === "./" ? [] : ["the descriptor's about"]),
    ...(idOf(descriptor["conformsTo"]) === "https://w3id.org/ro/crate/1.2" ? [] : ["conformsTo"]),
    ...(hasType(root, "Dataset") ? [] : ["the root's @type"]),
    ...(["name", "description"] as const).filter((key) => !isText(root[key])),
    ...(isDate(root["datePublished"]) ? [] : ["datePublished"]),
    ...(isText(license) || entities.has(idOf(license)) ? [] : ["license"]),
  ]
}

const base = "https://crate.invalid/root/"

/** The path that a data entity's @id leads to, as somebody who resolves it in the crate's root finds it. */
const resolved = (id: string): string => {
  const { href } = new URL(id, base)
  return href.startsWith(base) && !/[?#]/.test(href)
    ? decodeURIComponent(href.slice(base.length))
    : `outside: ${id}`
}

const treeProblems = (
  entities: ReadonlyMap<string, JsonObject>,
  { directories, files }: CrateTree,
): ReadonlyArray<string> => {
  const reached = new Set<string>()
  const queue = ["./"]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    queue.push(...listOf(entities.get(id)?.["hasPart"]).map(idOf))
  }
  const described = [...entities.values()].filter((one) => hasType(one, "File") || hasType(one, "Dataset"))
  const unlinked = described
    .filter((one) => !reached.has(idOf(one)))
    .map((one) => `${idOf(one)} isn't linked`)
  const told = described
    .filter((one) => idOf(one) !== "./")
    .map((one) =>
      hasType(one, "File")
        ? `${resolved(idOf(one))} ${String(one["contentSize"])} ${String(one["sha256"])}`
        : resolved(idOf(one)),
    )
  const there = [
    ...files.map(({ path, sha256, size }) => `${path} ${size} ${sha256}`),
    ...directories.map((path) => `${path}/`),
  ]
  const media = described.filter(
    (one) => hasType(one, "File") && !/^[\w.+-]+\/[\w.+-]+$/.test(String(one["encodingFormat"])),
  )
  return [
    ...unlinked,
    ...media.map((one) => `${idOf(one)} has no encodingFormat`),
    ...(isDeepStrictEqual(told.toSorted(), there.toSorted())
      ? []
      : [`the files: ${JSON.stringify(told)} instead of ${JSON.stringify(there)}`]),
  ]
}

const dangling = (entities: ReadonlyMap<string, JsonObject>): ReadonlyArray<string> =>
  [...entities.values()].flatMap((entity) =>
    Object.entries(entity)
      .filter(([name]) => name !== "@id" && name !== "conformsTo")
      .flatMap(([name, value]) => listOf(value).map((one) => [name, one] as const))
      .filter(([, value]) => isObject(value) && !entities.has(idOf(value)))
      .map(([name, value]) => `${idOf(entity)} ${name} leads nowhere: ${idOf(value)}`),
  )

/** Whether another JSON-LD processor, told of the context, finds the same: flattened, compacted, each term known. */
export const processorProblems = async (document: JsonObject): Promise<ReadonlyArray<string>> => {
  const options = { documentLoader, base, safe: true }
  // Full or shortened by the context: it is the same.
  const full = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replaceAll('"schema:', '"http://schema.org/'))
  const byId = (graph: Json | undefined) =>
    new Map(
      listOf(graph)
        .map(full)
        .map((one) => [idOf(one), one]),
    )
  // The library's types don't know its results.
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
  const flat = plain(await jsonld.flatten(plain(document), undefined, options))
  const named = { "@context": contextUrl }
  const again = plain(await jsonld.compact(flat, named, { ...options, graph: true }))
  const [own, theirs] = [byId(document["@graph"]), byId(again["@graph"])]
  return [...own].flatMap(([id, entity]) =>
    isDeepStrictEqual(theirs.get(id), entity)
      ? []
      : [`${id} is to others ${JSON.stringify(theirs.get(id))}, not ${JSON.stringify(entity)}`],
  )
}

/** What keeps a document from being one of RO-Crate 1.2 that describes these files: each MUST of the specification. */
export const crateProblems = (document: JsonObject, tree: CrateTree): ReadonlyArray<string> => {
  const graph = listOf(document["@graph"]).filter(isObject)
  const entities = new Map(graph.map((one) => [idOf(one), one]))
  return [
    ...(document["@context"] === contextUrl ? [] : ["the context isn't named"]),
    ...(entities.size === listOf(document["@graph"]).length ? [] : ["an @id comes twice"]),
    ...graph.flatMap(formProblems),
    ...graph.flatMap(typeProblems),
    ...descriptorProblems(entities),
    ...treeProblems(entities, tree),
    ...dangling(entities),
  ]
}
