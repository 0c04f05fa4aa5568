import { Clock, Effect, Option } from "effect"
import type { AuditScope } from "../domain/AuditScope.ts"
import { joinPath, leafName, runFolders } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { type Finding, findingKey } from "../domain/Finding.ts"
import { isEquipmentId } from "../domain/PathSegment.ts"
import { isSettled } from "../domain/settled.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import { Workspace } from "../ports/Workspace.ts"
import { interruptedCreation, type Remark, unreadableDirectory, unregisteredEquipment } from "./findings.ts"

/** Where directories are that are to be examined, and what is to be said besides. */
export interface Survey {
  /** Projects and runs; each folder's in the order of their names. */
  readonly directories: ReadonlyArray<string>
  readonly remarks: ReadonlyArray<Remark>
  /** Where they were looked for. */
  readonly folders: ReadonlySet<string>
}

interface KnownFolder {
  readonly stamp: string
  readonly isSettled: boolean
  readonly children: ReadonlyArray<string>
}

/** What was in folders when they were looked at last: one whose time hasn't changed isn't listed again. */
export type FolderMemory = Map<string, KnownFolder>

const gone = new Set(["ENOENT", "ENOTDIR"])

const runFoldersOf = (project: string): ReadonlyArray<string> =>
  Object.values(runFolders).map(({ folder }) => joinPath(project, folder))

export const makeSurvey = Effect.gen(function* () {
  const disk = yield* Disk
  const workspace = yield* Workspace
  const { equipment, paths } = yield* Settings
  const root = joinPath(paths.localRoot)
  const registered = new Set(equipment.map(({ id }) => id))

  /** The root itself may be a link: what is above it is the operator's. */
  const placeOf = (path: string): Effect.Effect<string, DiskError> =>
    path === root ? disk.realPath(path) : Effect.succeed(path)

  /** The directories in a folder by name, not behind links, hidden ones left out. */
  const listFolder = Effect.fnUntraced(function* (path: string, memory: FolderMemory) {
    const place = yield* placeOf(path)
    const info = yield* disk.lstat(place)
    if (Option.isNone(info) || info.value.type !== "directory") {
      memory.delete(path)
      return []
    }
    const known = memory.get(path)
    if (known?.stamp === info.value.stamp && known.isSettled) return known.children
    const now = yield* Clock.currentTimeMillis
    const entries = yield* disk.list(place, { isDirectory: true })
    const children = entries
      .filter(({ name, type }) => type === "directory" && !name.startsWith("."))
      .map(({ name }) => joinPath(path, name))
      .sort()
    memory.set(path, {
      stamp: info.value.stamp,
      isSettled: isSettled(info.value.changedMillis, now),
      children,
    })
    return children
  })

  /** Below one scope: folders that can't be read are findings, and the rest is looked at all the same. */
  return Effect.fnUntraced(function* (scope: AuditScope, memory: FolderMemory) {
    const directories: Array<string> = []
    const folders = new Set<string>()
    const remarks = new Map<string, Remark>()

    /** Each thing once, however often it is in the way. */
    const remark = (directory: string, finding: Finding): void => {
      remarks.set(findingKey(finding), { directory, finding })
    }
    const told = (error: DiskError): void => {
      if (!gone.has(error.errno)) remark(error.path, unreadableDirectory(error))
    }
    /** None when the folder can't be read: nothing is looked for in it then. */
    const childrenOf = (path: string): Effect.Effect<Option.Option<ReadonlyArray<string>>> => {
      folders.add(path)
      return Effect.tapError(listFolder(path, memory), (error) => Effect.sync(() => told(error))).pipe(
        Effect.option,
      )
    }

    /** What dead sessions left for the entries of a folder, or for one of them. */
    const lookForLeftovers = (parent: string, only: string | null) =>
      Effect.map(workspace.leftovers(parent), ({ abandoned, unreadable }) => {
        unreadable.forEach(told)
        for (const { destination, path } of abandoned)
          if (only === null || destination === only)
            remark(destination, interruptedCreation(destination, path))
      })

    const surveyProject = Effect.fnUntraced(function* (project: string) {
      directories.push(project)
      for (const folder of runFoldersOf(project)) {
        const runs = yield* childrenOf(folder)
        if (Option.isNone(runs)) continue
        for (const run of runs.value) directories.push(run)
        yield* lookForLeftovers(folder, null)
      }
    })

    const surveyEquipment = Effect.fnUntraced(function* (path: string) {
      const id = leafName(path)
      if (!registered.has(id)) remark(path, unregisteredEquipment(path))
      // A folder with another name is no equipment's: what is in it was never ours.
      if (!isEquipmentId(id)) return
      const projects = yield* childrenOf(path)
      if (Option.isNone(projects)) return
      for (const project of projects.value) yield* surveyProject(project)
      yield* lookForLeftovers(path, null)
    })

    switch (scope.level) {
      case "all":
        for (const path of Option.getOrElse(yield* childrenOf(root), () => [])) yield* surveyEquipment(path)
        break
      case "equipment":
        yield* surveyEquipment(scope.path)
        break
      case "project":
        yield* surveyProject(scope.path)
        yield* lookForLeftovers(scope.destination.parent, scope.path)
        break
      case "run":
        directories.push(scope.path)
        yield* lookForLeftovers(scope.destination.parent, scope.path)
        break
    }
    return { directories, remarks: [...remarks.values()], folders } satisfies Survey
  })
})
