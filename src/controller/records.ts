import { DateTime } from "effect"
import {
  type CreationRecord,
  type FileEntry,
  type FilesRecord,
  schemaVersions,
} from "../domain/CreationRecord.ts"
import type { Destination } from "../domain/Destination.ts"
import type { RecordDigests } from "../domain/CreationFacts.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { Answer, PluginApplied } from "../domain/Plugin.ts"
import { recordTime } from "../domain/RunDate.ts"
import type { Settings } from "../domain/Settings.ts"
import type { SyncStatus } from "../domain/SyncJob.ts"
import type { ReadmeContext } from "../ports/ReadmeGenerator.ts"
import type { Accepted } from "./gate.ts"

/** The same place below another root; empty when there is no such root. */
const below = (root: string, { localRoot, path }: Destination, equipmentId: string): string =>
  root === ""
    ? ""
    : `${root.replace(/\/+$/, "")}${path.slice(`${localRoot.replace(/\/+$/, "")}/${equipmentId}`.length)}`

const answerFacts = ({ answeredAt, answeredBy, inputs, promptId }: Answer): JsonObject => ({
  prompt_id: promptId,
  inputs,
  answered_by: answeredBy,
  answered_at: DateTime.formatIso(answeredAt),
})

const pluginFacts = ({ answers, facts, plugin }: PluginApplied): JsonObject => ({
  plugin,
  ...facts,
  answers: answers.map(answerFacts),
})

export const creationRecord = (
  accepted: Accepted,
  applied: ReadonlyArray<PluginApplied>,
  records: RecordDigests,
  syncStatus: SyncStatus,
  settings: Settings,
): CreationRecord => {
  const { core, equipment, place, session, template } = accepted
  const { destination, lims } = place
  return {
    schemaVersion: schemaVersions.creation,
    createdAt: recordTime(session.createdAt),
    createdBy: core.operator,
    level: destination.level,
    runKind: destination.runKind,
    limsProject: { ...lims, cacheFreshnessAtUse: lims.cacheFreshnessAtUse ?? null },
    template: {
      name: template.manifest.name,
      version: template.manifest.version,
      sourcePath: template.root,
      runScope: template.manifest.runScope ?? "both",
    },
    variables: accepted.answers,
    pluginsApplied: applied.map(({ filesAffected, isolation, plugin, status, version }) => ({
      plugin,
      version,
      filesAffected,
      status,
      ...(isolation === undefined ? {} : { isolation }),
    })),
    paths: { local: destination.path, nas: below(equipment.nasRoot, destination, equipment.id) },
    orchestrator: {
      enabled: settings.orchestrator.enabled,
      host: settings.orchestrator.host,
      label: settings.orchestrator.label,
      equipmentLabel: equipment.label,
    },
    requiredReadmeFieldIds: accepted.readme.requiredIds,
    provenance: {
      session_id: session.sessionId,
      request_id: session.requestId,
      template_digest: template.digest,
      template_origin: template.origin,
      rendering: {
        variables: place.builtIn,
        time_zone: settings.timeZone,
        plugin_variables: accepted.pluginVariables,
      },
      records: { readme_fields: records.readmeFields, files: records.files },
      plugins: applied.map(pluginFacts),
    },
    syncStatus,
    validationOverrides: [],
  }
}

export const filesRecord = (files: ReadonlyArray<FileEntry>): FilesRecord => ({
  schemaVersion: schemaVersions.files,
  files,
})

export const readmeContext = (accepted: Accepted, body: string | null): ReadmeContext => {
  const { core, equipment, place, session, template } = accepted
  return {
    ...core,
    level: place.destination.level,
    equipment: { id: equipment.id, label: equipment.label },
    projectShortId: place.builtIn.project_short_id,
    runKind: place.destination.runKind,
    runName: place.destination.level === "run" ? place.destination.leaf : null,
    createdAt: session.createdAt,
    variables: accepted.answers,
    template,
    layers: accepted.readme,
    body,
  }
}
