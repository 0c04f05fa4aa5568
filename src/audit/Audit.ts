import { Chunk, Context, Effect, Layer, Stream } from "effect"
import { type AuditScope, isWithin, scopeAt } from "../domain/AuditScope.ts"
import { destinationAt } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { type Finding, orderFindings } from "../domain/Finding.ts"
import { printable } from "../domain/NameRules.ts"
import { RunNotFound } from "../domain/SyncErrors.ts"
import type { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"
import { Settings } from "../ports/Settings.ts"
import { SyncService } from "../ports/SyncService.ts"
import type { TemplateEngine } from "../ports/TemplateEngine.ts"
import type { Validator } from "../ports/Validator.ts"
import type { Workspace } from "../ports/Workspace.ts"
import { makeExamine } from "./examine.ts"
import { judged, type Remark } from "./findings.ts"
import { isReached } from "./reaching.ts"
import { askOnce, makeRequirements } from "./requirements.ts"
import { makeSurvey } from "./survey.ts"
import { syncFailures, untoldFailure } from "./syncFailures.ts"

/** What an audit comes upon, one after the other. */
export type AuditEvent =
  | { readonly kind: "finding"; readonly finding: Finding }
  /** `looked` of `total` directories have been looked at; `path` was the last of them. */
  | {
      readonly kind: "progress"
      readonly looked: number
      readonly total: number
      readonly path: string
    }

/** Files are waited for more than worked on. */
const directoriesAtATime = 4

const byDirectory = (remarks: ReadonlyArray<Remark>): ReadonlyMap<string, ReadonlyArray<Finding>> => {
  const findings = new Map<string, Array<Finding>>()
  for (const { directory, finding } of remarks) {
    const before = findings.get(directory)
    if (before === undefined) findings.set(directory, [finding])
    else before.push(finding)
  }
  return findings
}

const found = (finding: Finding): AuditEvent => ({ kind: "finding", finding })

const make = Effect.gen(function* () {
  const disk = yield* Disk
  const { paths } = yield* Settings
  const sync = yield* SyncService
  const examine = yield* makeExamine
  const survey = yield* makeSurvey
  const ask = yield* makeRequirements

  const scopeOf = Effect.fn("Audit.scopeOf")(function* (path: string) {
    const scope = scopeAt(paths.localRoot, path)
    const notFound = (path: string) => new RunNotFound({ path, wanted: "equipment, project or run" })
    if (scope === null) return yield* notFound(path)
    // Before the first directory is created there is no root either, and nothing wrong with that.
    return scope.level === "all" || (yield* isReached(disk, paths.localRoot, scope.path))
      ? scope
      : yield* notFound(scope.path)
  })

  const events = (scope: AuditScope): Effect.Effect<Stream.Stream<AuditEvent>> =>
    Effect.gen(function* () {
      const { directories, remarks } = yield* survey(scope, new Map())
      const failures = yield* syncFailures(sync)
      const requiredBy = yield* askOnce(ask)
      const total = directories.length
      const about = byDirectory([
        ...remarks,
        ...failures.filter(({ directory }) => isWithin(scope, directory)),
      ])

      const lookAt = Effect.fnUntraced(function* (path: string, index: number) {
        const destination = destinationAt(paths.localRoot, path)
        const progress: AuditEvent = { kind: "progress", looked: index + 1, total, path: printable(path) }
        if (destination === null) return Chunk.of(progress)
        const { findings, judgement } = yield* examine(destination, requiredBy)
        const untold = yield* untoldFailure(sync, path, judgement)
        const besides = [...(about.get(path) ?? []), ...untold.map(({ finding }) => finding)]
        const all = [...findings, ...besides.map((finding) => judged(judgement, finding))].sort(orderFindings)
        return Chunk.append(Chunk.fromIterable(all.map(found)), progress)
      })

      const there = new Set(directories)
      const between = [...about].flatMap(([path, findings]) => (there.has(path) ? [] : findings))
      return Stream.concat(
        Stream.fromIterable(between.sort(orderFindings).map(found)),
        Stream.fromIterable(directories).pipe(
          Stream.zipWithIndex,
          Stream.mapEffect(([path, index]) => lookAt(path, index), { concurrency: directoriesAtATime }),
          Stream.flattenChunks,
        ),
      )
    })

  return {
    scopeOf,
    audit: (scope: AuditScope) => Stream.withSpan(Stream.unwrap(events(scope)), "Audit.audit"),
  }
})

/** The rules over directories that stand: what is wrong with them (`docs/validation.md`). */
export class Audit extends Context.Tag("exlab-wizard/Audit")<
  Audit,
  {
    /** What a path stands for: `""` or the local root for everything, an equipment, a project, a run. */
    readonly scopeOf: (path: string) => Effect.Effect<AuditScope, RunNotFound | DiskError>
    /**
     * Looks at everything in the scope and tells what it finds: what lies between directories first, then
     * directory by directory, each followed by how far it is. The same tree gives the same stream. Changes
     * nothing, fails at nothing: what can't be read is a finding. May be interrupted at any point.
     */
    readonly audit: (scope: AuditScope) => Stream.Stream<AuditEvent>
  }
>() {
  static readonly layer: Layer.Layer<
    Audit,
    never,
    CreationWriter | Disk | Settings | SyncService | TemplateEngine | Validator | Workspace
  > = Layer.effect(Audit, make)
}
