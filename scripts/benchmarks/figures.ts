import { Array, Clock, Duration, Effect, Order } from "effect"

type Values = Array.NonEmptyReadonlyArray<number>

export const median = (values: Values): number => {
  const sorted = Array.sort(values, Order.number)
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** Three significant digits: nothing that is measured here is more exact. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

export const spread = (values: Values) => ({
  median: rounded(median(values)),
  lowest: rounded(Math.min(...values)),
  highest: rounded(Math.max(...values)),
})

/** What a piece of work took. */
export interface Cost {
  readonly millis: number
  /** Of all threads of the process, in user and kernel mode. */
  readonly cpuMillis: number
}

export const perUnit = ({ cpuMillis, millis }: Cost, units: number): Cost => ({
  millis: millis / units,
  cpuMillis: cpuMillis / units,
})

/** What an effect takes in this process. */
export const costOf = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<Cost, E, R> =>
  Effect.suspend(() => {
    const before = process.cpuUsage()
    return Effect.map(Effect.timed(work), ([took]) => {
      const { system, user } = process.cpuUsage(before)
      return { millis: Duration.toMillis(took), cpuMillis: (user + system) / 1000 }
    })
  })

/** Two ways to do the same work; each effect does it once and gives what one unit of it cost. */
export interface Contest<E, R, E2, R2> {
  readonly subject: Effect.Effect<Cost, E, R>
  readonly baseline: Effect.Effect<Cost, E2, R2>
  readonly rounds: number
  /** No round begins after so long. */
  readonly within: Duration.DurationInput
}

/**
 * Lets both work in turns, so that whatever else the computer does meets both. The ratio is taken of
 * neighbours.
 */
export const compare = <E, R, E2, R2>({ baseline, rounds, subject, within }: Contest<E, R, E2, R2>) =>
  Effect.gen(function* () {
    const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(within)
    const turn = Effect.all([subject, baseline])
    const turns = Array.of(yield* turn)
    while (turns.length < rounds && (yield* Clock.currentTimeMillis) < end) turns.push(yield* turn)
    const of = (figure: (turn: readonly [Cost, Cost]) => number) => spread(Array.map(turns, figure))
    return {
      rounds: turns.length,
      ratio: of(([cost, base]) => cost.millis / base.millis),
      subject_ms: of(([cost]) => cost.millis),
      baseline_ms: of(([, base]) => base.millis),
      subject_cpu_ms: of(([cost]) => cost.cpuMillis),
      baseline_cpu_ms: of(([, base]) => base.cpuMillis),
    }
  })
