import * as FC from "effect/FastCheck"
import { syncEdges, type SyncJobState } from "../../src/domain/SyncJob.ts"

/** What may be done to a queue. Jobs and claims are meant by their number, which is taken modulo how many there are. */
export type Command =
  | { readonly kind: "enqueue"; readonly run: number; readonly waits: boolean }
  | { readonly kind: "claim"; readonly owner: number; readonly wish: number }
  | { readonly kind: "claimJob"; readonly owner: number; readonly run: number }
  | { readonly kind: "renew"; readonly claim: number }
  | { readonly kind: "close"; readonly claim: number }
  | {
      readonly kind: "move" | "release"
      readonly claim: number
      readonly edge: number
      readonly delay: number
    }
  | { readonly kind: "intervene"; readonly run: number; readonly order: "pause" | "resume" | "retry" }
  | { readonly kind: "recover"; readonly owner: number }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "pauseTarget"; readonly seconds: number }

const small = FC.nat({ max: 3 })
const runs = FC.nat({ max: 4 })
const weighted = (weight: number, arbitrary: FC.Arbitrary<Command>) => ({ weight, arbitrary })

export const commands: FC.Arbitrary<ReadonlyArray<Command>> = FC.array(
  FC.oneof(
    weighted(5, FC.record({ kind: FC.constant("enqueue"), run: runs, waits: FC.boolean() })),
    weighted(6, FC.record({ kind: FC.constant("claim"), owner: small, wish: small })),
    weighted(2, FC.record({ kind: FC.constant("claimJob"), owner: small, run: runs })),
    weighted(3, FC.record({ kind: FC.constantFrom("renew" as const, "close" as const), claim: small })),
    weighted(
      8,
      FC.record({
        kind: FC.constantFrom("move" as const, "release" as const),
        claim: small,
        edge: small,
        delay: FC.nat({ max: 90 }),
      }),
    ),
    weighted(
      3,
      FC.record({
        kind: FC.constant("intervene"),
        run: runs,
        order: FC.constantFrom("pause" as const, "resume" as const, "retry" as const),
      }),
    ),
    weighted(2, FC.record({ kind: FC.constant("recover"), owner: small })),
    weighted(3, FC.record({ kind: FC.constant("wait"), seconds: FC.constantFrom(1, 20, 59, 61) })),
    weighted(1, FC.record({ kind: FC.constant("pauseTarget"), seconds: FC.nat({ max: 40 }) })),
  ),
  { minLength: 5, maxLength: 30, size: "max" },
)

export const wishes: ReadonlyArray<{
  readonly states: ReadonlyArray<SyncJobState>
  readonly perEquipment: number | null
}> = [
  { states: ["queued", "awaiting_verify"], perEquipment: 1 },
  { states: ["queued"], perEquipment: 2 },
  { states: ["waiting_for_data"], perEquipment: null },
  { states: ["verified", "cleanup_eligible", "queued"], perEquipment: null },
]

/** A job as the model sees it: seconds, and the claim that holds it. */
export interface Job {
  readonly run: number
  readonly state: SyncJobState
  readonly states: ReadonlyArray<SyncJobState>
  readonly dueAt: number
  readonly turn: number
  readonly fence: number
  readonly holder: number | null
  readonly leaseEnd: number
  readonly stoppedIn: SyncJobState | null
}

export interface Model {
  readonly now: number
  readonly turns: number
  readonly jobs: ReadonlyArray<Job>
  /** By number; a closed one holds nothing, not even a lock. */
  readonly claims: ReadonlyArray<{ readonly run: number; readonly open: boolean }>
  readonly pausedUntil: number
}

export const start: Model = { now: 0, turns: 0, jobs: [], claims: [], pausedUntil: 0 }

const leaseLength = 60

const put = (model: Model, job: Job): Model => ({
  ...model,
  jobs: model.jobs.some(({ run }) => run === job.run)
    ? model.jobs.map((one) => (one.run === job.run ? job : one))
    : [...model.jobs, job],
})

const jobOf = ({ jobs }: Model, run: number): Job | undefined => jobs.find((job) => job.run === run)

const into = (job: Job, state: SyncJobState, dueAt = 0): Job =>
  state === job.state
    ? { ...job, dueAt: dueAt === 0 ? job.dueAt : dueAt }
    : {
        ...job,
        state,
        dueAt,
        stoppedIn: job.state === "paused" && state === "failed" ? job.stoppedIn : job.state,
        states: [...job.states, state],
      }

const free = (job: Job): Job => ({ ...job, holder: null })

const broken = (job: Job): Job => free(job.state === "running" ? into(job, "queued") : job)

export const equipmentOf = (run: number): string => (run % 2 === 0 ? "SCOPE_01" : "SCOPE_02")

export const enqueued = (model: Model, run: number, waits: boolean): Model => {
  const job = jobOf(model, run)
  const state = waits ? "waiting_for_data" : "queued"
  const turns = model.turns + 1
  if (job === undefined) {
    const times = { dueAt: 0, turn: turns, fence: 0, leaseEnd: 0 }
    return put({ ...model, turns }, { run, state, states: [state], holder: null, stoppedIn: null, ...times })
  }
  return ["verified", "cleanup_eligible", "failed"].includes(job.state)
    ? put({ ...model, turns }, { ...free(into(job, state)), turn: turns, dueAt: 0 })
    : model
}

const leased = (model: Model, job: Job): boolean => job.holder !== null && job.leaseEnd > model.now

const locked = (model: Model, run: number): boolean =>
  model.claims.some((claim) => claim.run === run && claim.open)

const taken = (model: Model, job: Job): Model =>
  put(
    { ...model, claims: [...model.claims, { run: job.run, open: true }] },
    { ...job, holder: model.claims.length, leaseEnd: model.now + leaseLength, fence: job.fence + 1 },
  )

export const claimedNext = (model: Model, wish: number): Model => {
  const { perEquipment, states } = wishes[wish % wishes.length] ?? { states: [], perEquipment: null }
  const counted = [...states, "running", "awaiting_verify"]
  const inUse = (job: Job) =>
    model.jobs.filter(
      (other) =>
        equipmentOf(other.run) === equipmentOf(job.run) &&
        leased(model, other) &&
        counted.includes(other.state),
    ).length
  const [next] = model.jobs
    .filter(
      (job) =>
        states.includes(job.state) &&
        !leased(model, job) &&
        !locked(model, job.run) &&
        job.dueAt <= model.now &&
        (equipmentOf(job.run) !== "SCOPE_01" || model.pausedUntil <= model.now) &&
        (perEquipment === null || inUse(job) < perEquipment),
    )
    .sort((a, b) => a.turn - b.turn)
  return next === undefined ? model : taken(model, next)
}

export const claimableStates: ReadonlyArray<SyncJobState> = ["queued", "verified", "running"]

export const claimedByName = (model: Model, run: number): Model => {
  const job = jobOf(model, run)
  return job === undefined || !claimableStates.includes(job.state) || leased(model, job) || locked(model, run)
    ? model
    : taken(model, job)
}

export const held = (model: Model, claim: number): Job | undefined => {
  const job = jobOf(model, model.claims[claim]?.run ?? -1)
  return job?.holder === claim ? job : undefined
}

const closedClaim = (model: Model, claim: number): Model => ({
  ...model,
  claims: model.claims.map((one, index) => (index === claim ? { ...one, open: false } : one)),
})

export const renewed = (model: Model, claim: number): Model => {
  const job = held(model, claim)
  return job === undefined ? model : put(model, { ...job, leaseEnd: model.now + leaseLength })
}

export const closed = (model: Model, claim: number): Model => {
  const job = held(model, claim)
  return closedClaim(job === undefined ? model : put(model, broken(job)), claim)
}

/** Where a command's move leads to: an edge of the table, or nowhere. */
export const destination = (state: SyncJobState, edge: number): SyncJobState =>
  [state, ...syncEdges[state]][edge % (syncEdges[state].length + 1)] ?? state

export const movedTo = (model: Model, claim: number, to: SyncJobState, dueAt: number): Model => {
  const job = held(model, claim)
  return job === undefined ? model : put(model, into(job, to, dueAt))
}

export const releasedTo = (model: Model, claim: number, to: SyncJobState, dueAt: number): Model => {
  const job = held(model, claim)
  return job === undefined ? model : closedClaim(put(model, free(into(job, to, dueAt))), claim)
}

const backTo = ({ state, stoppedIn }: Job): SyncJobState => {
  if (state === "failed") return stoppedIn === "waiting_for_data" ? "waiting_for_data" : "queued"
  return stoppedIn === null || stoppedIn === "running" ? "queued" : stoppedIn
}

export const intervened = (model: Model, run: number, order: "pause" | "resume" | "retry"): Model => {
  const job = jobOf(model, run)
  if (job === undefined) return model
  const waits = ["waiting_for_data", "queued", "awaiting_verify"].includes(job.state)
  if (order === "pause" && (waits || job.state === "running")) return put(model, free(into(job, "paused")))
  if (order === "resume" && job.state === "paused") return put(model, into(job, backTo(job)))
  if (order === "retry" && job.state === "failed") return put(model, free(into(job, backTo(job))))
  return order === "retry" && waits ? put(model, { ...job, dueAt: 0 }) : model
}

export const recovered = (model: Model): Model =>
  model.jobs
    .filter((job) => job.holder !== null && job.leaseEnd <= model.now)
    .reduce((after, job) => put(after, broken(job)), model)
