import { type Destination, joinPath, leafName, metadataFolder } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { type Finding, type Rule, tierOf } from "../domain/Finding.ts"
import { printable } from "../domain/NameRules.ts"
import { projectNameProblems } from "../domain/PathSegment.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import type { RecordError } from "../ports/CreationWriter.ts"
import type { FileType } from "../ports/Disk.ts"
import type { RequiredIds } from "./requirements.ts"

interface Facts {
  readonly rule: Rule
  readonly runPath: string
  readonly path: string
  readonly kind?: Finding["offendingKind"]
  readonly token?: string
  /** What is wrong, as the rest of a sentence. */
  readonly detail: string
}

const finding = ({ detail, kind, path, rule, runPath, token }: Facts): Finding => ({
  rule,
  tier: tierOf[rule],
  runPath: printable(runPath),
  offendingPath: printable(path),
  offendingKind: kind ?? "directory_segment",
  matchedToken: token ?? null,
  ruleDetail: `${JSON.stringify(printable(leafName(path)))} ${detail}`,
  syncedUnderPriorPolicy: false,
  overrideActive: false,
})

export const recordAt = ({ path }: Destination, name: string): string => joinPath(path, metadataFolder, name)

export const orphan = ({ level, path }: Destination): Finding =>
  finding({ rule: "orphan", runPath: path, path, detail: `is a ${level} without a creation.json` })

export const unreadableRecord = (destination: Destination, name: string, error: RecordError): Finding =>
  finding({
    rule: "unreadable_record",
    runPath: destination.path,
    path: recordAt(destination, name),
    kind: "file_name",
    detail: error._tag === "SchemaMajorMismatch" ? error.reason : `can't be read: ${error.reason}`,
  })

/** What stands where its records should be can't hold any: a link isn't followed. */
export const noMetadataFolder = (destination: Destination, type: FileType): Finding =>
  finding({
    rule: "unreadable_record",
    runPath: destination.path,
    path: joinPath(destination.path, metadataFolder),
    kind: "file_name",
    detail: `is no directory but a ${type}, so its records aren't looked for there`,
  })

export const unreadableDirectory = ({ errno, op, path }: DiskError): Finding =>
  finding({
    rule: "unreadable_record",
    runPath: path,
    path,
    detail: `can't be read (${op}: ${errno}), so nobody can say what it holds`,
  })

export const missingFields = (destination: Destination, ids: RequiredIds): ReadonlyArray<Finding> =>
  ids.map((id) =>
    finding({
      rule: "missing_required_field",
      runPath: destination.path,
      path: recordAt(destination, "readme_fields.json"),
      kind: "file_content",
      token: id,
      detail: `has no value for the README field ${id}, which is required today`,
    }),
  )

/** Since 1.5 every record says which project of the LIMS it belongs to. */
const hasLimsBlock = ({ limsProject, schemaVersion }: StoredRecord): boolean =>
  limsProject !== undefined || Number(schemaVersion.split(".")[1] ?? 0) < 5

export const missingLims = (destination: Destination, record: StoredRecord): ReadonlyArray<Finding> =>
  hasLimsBlock(record)
    ? []
    : [
        finding({
          rule: "missing_required_field",
          runPath: destination.path,
          path: recordAt(destination, "creation.json"),
          kind: "file_content",
          token: "lims_project",
          detail: `has no lims_project, which a record of version ${record.schemaVersion} must have`,
        }),
      ]

export const unsafeProject = ({ level, path, project }: Destination): ReadonlyArray<Finding> => {
  const problems = level === "run" ? [] : projectNameProblems(project)
  return problems.length === 0
    ? []
    : [finding({ rule: "unsafe_project_name", runPath: path, path, detail: problems.join(" and ") })]
}

export const unregisteredEquipment = (path: string): Finding =>
  finding({
    rule: "unregistered_equipment",
    runPath: path,
    path,
    token: printable(leafName(path)),
    detail: "is a directory of no equipment that the settings know",
  })

export const interruptedCreation = (runPath: string, path: string): Finding =>
  finding({
    rule: "interrupted_creation",
    runPath,
    path,
    detail: "is what a creation left that was interrupted; the next start of the service clears it",
  })

/** A finding that isn't made from what is in a directory, with the directory that it is about. */
export interface Remark {
  readonly directory: string
  readonly finding: Finding
}

export const syncFailed = (path: string, reason: string): Finding =>
  finding({
    rule: "nas_sync_failed",
    runPath: path,
    path,
    detail: `could not be copied to the NAS: ${reason === "" ? "see its sync job" : reason}`,
  })

/** What the record of a directory says of its findings. */
export interface Judgement {
  /** Rules that don't hold for it now. */
  readonly overridden: ReadonlyArray<string>
  /** What is on the NAS stays there: findings that are hard came later. */
  readonly isSynced: boolean
  /** That it couldn't be copied. */
  readonly isFailed: boolean
}

export const judged = ({ isSynced, overridden }: Judgement, finding: Finding): Finding => ({
  ...finding,
  overrideActive: overridden.includes(finding.rule),
  syncedUnderPriorPolicy: isSynced && finding.tier === "hard",
})
