/** The demo's NAS: a folder beside, to which the service copies what it makes. */
import { mkdir, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Ref, Stream } from "effect"
import type { PartialSettings } from "../layers/EmbeddedSettings.ts"
import type { SyncEvent, SyncJobChange } from "../src/domain/SyncJob.ts"
import { SyncService } from "../src/ports/SyncService.ts"
import { DemoFailed } from "./demoAnswers.ts"

const equipmentId = "DEMO_01"

/** `<root>-nas`, or a temporary folder where none may be made beside the root. */
export const folderBeside = (root: string): Effect.Effect<string, DemoFailed> =>
  Effect.tryPromise(async () => {
    await mkdir(join(`${root}-nas`, equipmentId), { recursive: true })
    return `${root}-nas`
  }).pipe(
    Effect.orElse(() => Effect.tryPromise(() => mkdtemp(join(tmpdir(), "exlab-wizard-demo-nas-")))),
    Effect.mapError(() => new DemoFailed({ message: `there is no place for a NAS beside ${root}` })),
  )

/** What the sync has to remember lies there, too: it is one folder less. */
export const settingsFor = (root: string, nas: string): PartialSettings => ({
  paths: { localRoot: root, stateDir: join(nas, "state") },
  equipment: [
    {
      id: equipmentId,
      label: "Demonstration instrument",
      nasRoot: join(nas, equipmentId),
      transport: { type: "mounted", uploadMbps: null, schedule: [] },
    },
  ],
})

/** Marks the NAS as the target that is meant; again on the same folder, it stays as it is. */
export const markTarget = Effect.flatMap(SyncService, ({ initTarget }) => initTarget(equipmentId))

const lineOf = ({ bytes, files, reason, to }: SyncJobChange): string =>
  `  ${to}${files === 0 ? "" : `, ${files} files, ${bytes} bytes`}${reason === "" ? "" : `: ${reason}`}`

const progressOf = (event: SyncEvent, jobId: string): string | null => {
  if (event.kind !== "progress" || event.jobId !== jobId) return null
  const { currentFile, files, filesTotal, step } = event.progress
  return `    ${step} ${files}/${filesTotal} ${currentFile ?? ""}`
}

/** Says what a directory's copy has gone through and goes through, until each of its bytes was read back. */
export const followCopy = (path: string, say: (text: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { events, history, standing, status } = yield* SyncService
    const { id } = yield* status(path)
    const told = yield* Ref.make(0)

    const look = Effect.gen(function* () {
      const { reason, state } = yield* status(path)
      const changes = yield* history(id)
      const before = yield* Ref.getAndSet(told, changes.length)
      for (const change of changes.slice(before)) yield* say(lineOf(change))
      if (state === "verified") return true
      const pauses = (yield* standing).pausedTargets.map((pause) => pause.reason)
      const [why] = state === "failed" || state === "paused" ? [reason] : pauses
      return why === undefined ? false : yield* new DemoFailed({ message: `${path} isn't copied: ${why}` })
    })
    const progress = Stream.mapEffect(events, (event) => {
      const line = progressOf(event, id)
      return line === null ? Effect.void : say(line)
    })
    // An event that came before the subscription is found by looking.
    const looks = Stream.merge(Stream.tick("100 millis"), progress)
    yield* Stream.mapEffect(looks, () => look).pipe(
      Stream.takeUntil((done) => done),
      Stream.runDrain,
    )
  })
