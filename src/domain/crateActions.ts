import { type CrateContents, createdAt, entity, ids, operatorOf, ref } from "./crateEntity.ts"
import type { Json, JsonObject } from "./Json.ts"
import { packageUrl, relativeIri } from "./relativeIri.ts"
import type { StoredRecord } from "./StoredRecord.ts"

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Of `provenance`, which only this service writes: why a plugin ended as it did. */
const reasonOf = (provenance: JsonObject, plugin: string, index: number): string | null => {
  const facts = provenance["plugins"]
  const own = Array.isArray(facts) ? (facts as ReadonlyArray<Json>)[index] : undefined
  return isObject(own) && own["plugin"] === plugin && typeof own["reason"] === "string" ? own["reason"] : null
}

const outcomes = {
  completed: { id: "http://schema.org/CompletedActionStatus", name: "Completed" },
  failed: { id: "http://schema.org/FailedActionStatus", name: "Failed" },
  // Nothing was done.
  potential: { id: "http://schema.org/PotentialActionStatus", name: "Potential" },
}

/** Null: nobody knows what a newer version means. */
const outcomeOf = (status: string): keyof typeof outcomes | null => {
  if (status === "success") return "completed"
  if (status === "failed" || status === "timeout" || status === "policy_violation") return "failed"
  return status === "skipped" ? "potential" : null
}

/** Those that the actions name. */
export const outcomeEntities = ({ pluginsApplied }: StoredRecord): ReadonlyArray<JsonObject> => {
  const named = new Set(["completed", ...pluginsApplied.map(({ status }) => outcomeOf(status))])
  return Object.entries(outcomes)
    .filter(([outcome]) => named.has(outcome))
    .map(([, { id, name }]) => entity(id, "ActionStatusType", { name }))
}

const unknown = "unknown"

/** A name, a version and a URL are required of software. */
const softwareEntity = (
  id: string,
  type: "npm" | "generic",
  {
    name,
    version,
    ...others
  }: { readonly name: string; readonly version: string; readonly description?: string },
): JsonObject =>
  entity(id, "SoftwareApplication", {
    name: name || unknown,
    version: version || unknown,
    url: packageUrl(type, name || unknown, version),
    ...others,
  })

/** What each plugin did, and the plugins. */
export const pluginEntities = (contents: CrateContents): ReadonlyArray<JsonObject> => {
  const { files, record } = contents
  const there = new Set(files.map(({ path }) => path))
  return record.pluginsApplied.flatMap(({ filesAffected, plugin, status, version }, index) => {
    const outcome = outcomeOf(status)
    const isFailure = outcome === "failed"
    const reason = reasonOf(record.provenance, plugin, index)
    const software = `#plugin-${index + 1}`
    return [
      entity(`${software}-action`, "CreateAction", {
        name: `${plugin} ${version}: ${status}`,
        agent: operatorOf(contents),
        instrument: ref(software),
        object: ref(ids.root),
        // One that was renamed or removed later isn't part of the crate.
        result: [...new Set(filesAffected)]
          .filter((path) => there.has(path))
          .map((path) => ref(relativeIri(path))),
        actionStatus: outcome === null ? null : ref(outcomes[outcome].id),
        error: isFailure ? reason || status : null,
        description: isFailure ? null : reason,
      }),
      softwareEntity(software, "generic", { name: plugin, version }),
    ]
  })
}

/** How the directory came to be, by what, and from what. */
export const creationEntities = (contents: CrateContents): ReadonlyArray<JsonObject> => {
  const { destination, record, version } = contents
  const { name, version: templateVersion } = record.template
  const hasTemplate = name !== ""
  return [
    entity(ids.creation, "CreateAction", {
      name: hasTemplate ? `Creation from the template ${name} ${templateVersion}`.trim() : "Creation",
      agent: operatorOf(contents),
      instrument: [ref(ids.service), ref(ids.equipment)],
      object: hasTemplate ? ref(ids.template) : null,
      result: ref(ids.root),
      endTime: createdAt(contents),
      actionStatus: ref(outcomes.completed.id),
    }),
    softwareEntity(ids.service, "npm", {
      name: "exlab-wizard",
      version,
      description: "Makes directories like this one, and exported it in this version",
    }),
    entity(ids.equipment, "IndividualProduct", {
      name: record.orchestrator.equipmentLabel || destination.equipmentId,
      identifier: destination.equipmentId,
    }),
    ...(hasTemplate ? [entity(ids.template, "CreativeWork", { name, version: templateVersion })] : []),
  ]
}
