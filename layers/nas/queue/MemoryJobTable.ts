import { Array, Effect, Option, Order, Ref } from "effect"
import type { SyncJobChange } from "../../../src/domain/SyncJob.ts"
import type { JobFilter, TargetPause } from "../../../src/ports/SyncQueue.ts"
import type { Entry } from "./Entry.ts"
import type { JobTable, Key, Selection } from "./JobTable.ts"
import { noJobs, transferStates, waitingStates } from "./states.ts"
import type { Step } from "./steps.ts"

interface Tables {
  /** By `seq`. */
  readonly jobs: ReadonlyArray<Entry>
  readonly history: ReadonlyMap<number, ReadonlyArray<SyncJobChange>>
  readonly pauses: ReadonlyMap<string, TargetPause>
  readonly targets: ReadonlyMap<string, string>
}

const empty: Tables = { jobs: [], history: new Map(), pauses: new Map(), targets: new Map() }

const find = ({ jobs }: Tables, key: Key): Option.Option<Entry> =>
  Array.findFirst(jobs, (job) => ("id" in key ? job.id === key.id : job.path === key.path))

const isFree = ({ holder, leaseUntil }: Entry, now: number): boolean =>
  holder === null || (leaseUntil ?? 0) <= now

const isDue = ({ notBefore, putOffAt }: Entry, now: number): boolean =>
  notBefore === null || notBefore <= now || (putOffAt ?? -Infinity) > now

const isPaused = ({ pauses }: Tables, { equipmentId }: Entry, now: number): boolean => {
  const pause = pauses.get(equipmentId)
  return pause !== undefined && pause.since <= now && pause.until > now
}

const isSelected = (tables: Tables, selection: Selection, job: Entry, now: number): boolean => {
  if (!isFree(job, now)) return false
  if (selection._tag === "Named") return job.id === selection.id && selection.states.includes(job.state)
  const { except, level = job.level, perEquipment, states } = selection.wish
  const counts = (other: Entry) =>
    other.equipmentId === job.equipmentId &&
    !isFree(other, now) &&
    [...transferStates, ...states].includes(other.state)
  return (
    states.includes(job.state) &&
    job.level === level &&
    isDue(job, now) &&
    !selection.tried.includes(job.id) &&
    !except.includes(job.equipmentId) &&
    !isPaused(tables, job, now) &&
    (perEquipment === null || tables.jobs.filter(counts).length < perEquipment)
  )
}

const save = (tables: Tables, { change, entry }: Step): Tables => {
  const isNew = tables.jobs.length < entry.seq
  const jobs = isNew
    ? [...tables.jobs, entry]
    : tables.jobs.map((job) => (job.seq === entry.seq ? entry : job))
  if (change === null) return { ...tables, jobs }
  const changes = [...(tables.history.get(entry.seq) ?? []), change]
  return { ...tables, jobs, history: new Map(tables.history).set(entry.seq, changes) }
}

const listed = (tables: Tables, { after, equipmentId, limit = 1000, states }: JobFilter) => {
  const last = after === undefined ? 0 : (Option.getOrNull(find(tables, { id: after }))?.seq ?? Infinity)
  return tables.jobs
    .filter(
      (job) =>
        job.seq > last &&
        (states === undefined || states.includes(job.state)) &&
        (equipmentId === undefined || job.equipmentId === equipmentId),
    )
    .slice(0, Math.max(0, Math.trunc(limit)))
}

const minimum = (numbers: ReadonlyArray<number>): Option.Option<number> =>
  Array.isNonEmptyReadonlyArray(numbers) ? Option.some(Array.min(numbers, Order.number)) : Option.none()

const without = <V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> =>
  new Map([...map].filter(([one]) => one !== key))

const remember = (tables: Tables, equipmentId: string, id: string): Tables => ({
  ...tables,
  targets: new Map(tables.targets).set(equipmentId, id),
})

/** Jobs as plain data. */
export const make: Effect.Effect<JobTable> = Effect.map(Ref.make(empty), (ref): JobTable => {
  const read = <A>(f: (tables: Tables) => A): Effect.Effect<A> => Effect.map(Ref.get(ref), f)
  return {
    decide: (key, decide) =>
      Ref.modify(ref, (tables) => {
        const last = Math.max(0, ...tables.jobs.map(({ turn }) => turn))
        const next = { seq: tables.jobs.length + 1, turn: last + 1 }
        const { result, step } = decide(find(tables, key), next)
        return [result, step === null ? tables : save(tables, step)]
      }),
    pick: (selection, now) =>
      read((tables) =>
        minimum(
          tables.jobs.filter((job) => isSelected(tables, selection, job, now)).map(({ turn }) => turn),
        ).pipe(
          Option.flatMap((first) => Array.findFirst(tables.jobs, ({ turn }) => turn === first)),
          Option.map(({ id }) => id),
        ),
      ),
    take: (selection, id, now, step) =>
      Ref.modify(ref, (tables) =>
        Option.match(
          Option.filter(find(tables, { id }), (job) => isSelected(tables, selection, job, now)),
          {
            onNone: () => [Option.none<Entry>(), tables],
            onSome: (job) => {
              const taken = step(job)
              return [Option.some(taken.entry), save(tables, taken)]
            },
          },
        ),
      ),
    find: (key) => read((tables) => find(tables, key)),
    list: (filter) => read((tables) => listed(tables, filter)),
    held: read(({ jobs }) => jobs.filter(({ holder }) => holder !== null)),
    history: (id) =>
      read((tables) =>
        Option.match(find(tables, { id }), {
          onNone: () => [],
          onSome: ({ seq }) => tables.history.get(seq) ?? [],
        }),
      ),
    counts: read(({ jobs }) =>
      jobs.reduce((counts, { state }) => ({ ...counts, [state]: counts[state] + 1 }), noJobs),
    ),
    oldestUnclaimed: (now) =>
      read((tables) =>
        minimum(
          tables.jobs
            .filter(
              (job) =>
                waitingStates.includes(job.state) &&
                isFree(job, now) &&
                isDue(job, now) &&
                !isPaused(tables, job, now),
            )
            .map(({ enqueuedAt }) => enqueuedAt),
        ),
      ),
    nextDue: (after) =>
      read(({ jobs, pauses }) =>
        minimum(
          [
            ...jobs.flatMap(({ holder, leaseUntil, notBefore }) => [
              notBefore,
              holder === null ? null : leaseUntil,
            ]),
            ...[...pauses.values()].map(({ until }) => until),
          ].flatMap((moment) => (moment !== null && moment > after ? [moment] : [])),
        ),
      ),
    foreignChanges: Effect.succeed(0),
    pauseTarget: (pause) =>
      Ref.update(ref, (tables) => ({
        ...tables,
        pauses: new Map(tables.pauses).set(pause.equipmentId, pause),
      })),
    resumeTarget: (equipmentId) =>
      Ref.update(ref, (tables) => ({ ...tables, pauses: without(tables.pauses, equipmentId) })),
    pausedTargets: read(({ pauses }) =>
      Array.sortWith([...pauses.values()], ({ equipmentId }) => equipmentId, Order.string),
    ),
    targetId: (equipmentId) => read(({ targets }) => Option.fromNullable(targets.get(equipmentId))),
    rememberTarget: (equipmentId, id) => Ref.update(ref, (tables) => remember(tables, equipmentId, id)),
    replaceTarget: ({ equipmentId, id }, states, decide) =>
      Ref.modify(ref, (tables) => {
        const { result, steps } = decide(listed(tables, { equipmentId, states, limit: Infinity }))
        return [result, steps === null ? tables : steps.reduce(save, remember(tables, equipmentId, id))]
      }),
  }
})
