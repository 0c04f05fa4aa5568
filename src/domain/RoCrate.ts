import { creationEntities, outcomeEntities, pluginEntities } from "./crateActions.ts"
import { type CrateContents, createdAt, entity, ids, operatorOf, ref } from "./crateEntity.ts"
import { type Destination, leafName, parentPath, segmentsOf } from "./Destination.ts"
import type { JsonObject } from "./Json.ts"
import { relativeIri } from "./relativeIri.ts"

/** The document's name in the folder that it describes. */
export const roCrateName = "ro-crate-metadata.json"

const spdx = "https://spdx.org/licenses/"

/** What to say of a licence: an entity of its own, or, where none was chosen, that it is so. */
const licenseOf = (license: string | null): { readonly id: string; readonly name: string } | null => {
  if (license === null) return null
  const isUrl = /^https?:/i.test(license)
  const [, listed] = /^https?:\/\/spdx\.org\/licenses\/([^/?#]+?)(?:\.html)?$/i.exec(license) ?? []
  return isUrl ? { id: license, name: listed ?? license } : { id: `${spdx}${license}`, name: license }
}

const noLicense = "No licence was chosen for these files: ask whoever holds the rights before you use them."

type Children = ReadonlyMap<string, ReadonlyArray<JsonObject>>

/** What lies directly in each directory, by its path; in the root itself: by an empty one. */
const childrenOf = ({ directories, files }: CrateContents): Children => {
  const children = new Map<string, Array<JsonObject>>()
  const put = (path: string, id: string): void => {
    const parent = path.includes("/") ? parentPath(path) : ""
    const known = children.get(parent)
    if (known === undefined) children.set(parent, [ref(id)])
    else known.push(ref(id))
  }
  for (const path of directories) put(path, `${relativeIri(path)}/`)
  for (const { path } of files) put(path, relativeIri(path))
  return children
}

const dataEntities = (
  { directories, files }: CrateContents,
  children: Children,
): ReadonlyArray<JsonObject> => [
  ...directories.map((path) =>
    entity(`${relativeIri(path)}/`, "Dataset", { name: leafName(path), hasPart: children.get(path) ?? [] }),
  ),
  ...files.map(({ mediaType, path, sha256, size }) =>
    entity(relativeIri(path), "File", {
      name: leafName(path),
      contentSize: String(size),
      encodingFormat: mediaType,
      sha256,
    }),
  ),
]

const peopleAndProject = ({ destination, license, organization, record }: CrateContents) => {
  const belongs = organization === null ? null : ref(ids.organization)
  const chosen = licenseOf(license)
  return [
    ...(record.createdBy === ""
      ? []
      : [entity(ids.operator, "Person", { name: record.createdBy, affiliation: belongs })]),
    ...(organization === null ? [] : [entity(ids.organization, "Organization", { name: organization })]),
    entity(ids.project, "Project", {
      name: record.limsProject?.nameAtCreation || destination.project,
      identifier: record.limsProject?.shortId || destination.project,
    }),
    ...(chosen === null
      ? []
      : [
          entity(chosen.id, "CreativeWork", {
            name: chosen.name,
            description: `The licence under which these files may be used: ${chosen.name}`,
          }),
        ]),
  ]
}

/** The directory below the local root: `CONFOCAL_01/PROJ-0042/Runs/Run_…`. */
export const identifierOf = (destination: Destination): string => segmentsOf(destination).join("/")

const rootEntity = (contents: CrateContents, children: Children, mentions: ReadonlyArray<JsonObject>) => {
  const { destination, exportedAt, license, organization, readme } = contents
  const { label = "", objective = "" } = readme?.coreFields ?? {}
  const chosen = licenseOf(license)
  return entity(ids.root, "Dataset", {
    name: label || destination.leaf,
    alternateName: identifierOf(destination),
    description: objective || `${destination.leaf} of ${destination.project} on ${destination.equipmentId}`,
    dateCreated: createdAt(contents),
    datePublished: exportedAt,
    license: chosen === null ? noLicense : ref(chosen.id),
    author: operatorOf(contents),
    publisher: organization === null ? null : ref(ids.organization),
    sourceOrganization: ref(ids.project),
    mentions,
    hasPart: children.get("") ?? [],
  })
}

/** The metadata document of RO-Crate 1.2, flattened and compacted, as it lies in the crate's root. */
export const roCrateMetadata = (contents: CrateContents): JsonObject => {
  const children = childrenOf(contents)
  const plugins = pluginEntities(contents)
  const actions = plugins.filter((one) => one["@type"] === "CreateAction")
  const mentions = [ref(ids.creation), ...actions.map((one) => ref(String(one["@id"])))]
  return {
    "@context": "https://w3id.org/ro/crate/1.2/context",
    "@graph": [
      entity(roCrateName, "CreativeWork", {
        about: ref(ids.root),
        conformsTo: ref("https://w3id.org/ro/crate/1.2"),
      }),
      rootEntity(contents, children, mentions),
      ...peopleAndProject(contents),
      ...creationEntities(contents),
      ...plugins,
      ...outcomeEntities(contents.record),
      ...dataEntities(contents, children),
    ],
  }
}
