import { Effect, Option } from "effect"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { isLive, type SyncJob } from "../../../src/domain/SyncJob.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { listed } from "../../../src/domain/listed.ts"
import { takenFrom } from "../cleanup/trashNotes.ts"

/** The trash that still has all that was removed from a job's directory. */
const trashOf = (job: Pick<SyncJob, "id" | "path">) =>
  Effect.map(
    takenFrom(job),
    Option.flatMap(({ sealedAt, trash }) => (sealedAt === null ? Option.none() : Option.some(trash))),
  )

/** What came to a directory after it was cleaned up. */
export const cameLate = (paths: ReadonlyArray<string>): string =>
  `these came after it was cleaned up: ${listed(paths)}. Give them a run of their own`

/** Where the data of a run are that was cleaned up. */
export const whereItsDataAre = (job: Pick<SyncJob, "id" | "path">) =>
  Effect.map(
    trashOf(job),
    Option.match({
      onNone: () => "its data are on the NAS only",
      onSome: (trash) => `its data are on the NAS, and for now in the trash ${trash}`,
    }),
  )

/** What to do about the copy of a run that was cleaned up: these aren't there as they were verified. */
const damaged = Effect.fnUntraced(function* (job: SyncJob, paths: ReadonlyArray<string>) {
  const { nasCleanup } = yield* Settings
  const due = nasCleanup.enabled ? "when it is due" : "when it is due and `nas_cleanup.enabled` is on again"
  return `its copy is damaged: ${listed(paths)}. ${Option.match(yield* trashOf(job), {
    onNone: () => "Its data were removed here: put them back there from a backup of the NAS",
    onSome: (trash) => `Its data are still in the trash ${trash}, and come back by themselves ${due}`,
  })}`
})

const underWay = ({ reason, state }: SyncJob): string =>
  `its job is ${state}${reason === "" ? "" : ` (${reason})`}: nothing is promised before it is verified`

/** What to do when a directory and its copy aren't the same; `gone` here, and verified before. */
export const remedyFor = Effect.fnUntraced(function* (
  job: SyncJob,
  wrong: ReadonlyArray<string>,
  gone: ReadonlySet<string>,
) {
  if (isLive(job.state)) return underWay(job)
  if (job.state === "failed") return `its job has failed: ${job.reason}. Mend that, then retry it`
  if (job.state !== "cleaned") return "`exlab-wizard sync enqueue` has them copied again"
  const isLate = (path: string): boolean => !gone.has(path) && !isMetadata(path)
  const late = wrong.filter(isLate)
  const lost = wrong.filter((path) => !isLate(path))
  return [
    ...(lost.length === 0 ? [] : [yield* damaged(job, lost)]),
    ...(late.length === 0 ? [] : [cameLate(late)]),
  ].join(". ")
})
