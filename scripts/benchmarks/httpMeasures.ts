import { spawn } from "node:child_process"
import type { Socket } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Array, Duration, Effect, Order } from "effect"
import { rounded, spread } from "./figures.ts"
import * as HttpProgram from "./HttpProgram.ts"
import { connected, open } from "./httpRequests.ts"
import { projectRequest } from "./requests.ts"
import { until } from "./until.ts"
import { folderInMemory, writeTemplate } from "./workplace.ts"

const readersOfAll = 1000
const emissions = 100

/** By the clock that all processes share. */
const now = (): number => performance.timeOrigin + performance.now()

const manifest = `name: plate
version: "1.0"
type: project
plugins: [asks]
`

interface Arrivals {
  /** Milliseconds from the emission to each arrival. */
  readonly took: Array<number>
  open: number
}

/** Notes when each event came, as the event says when it was made, in whole milliseconds. */
const listen = (arrivals: Arrivals, socket: Socket): void => {
  socket.on("data", (text: string) => {
    if (text.includes(": open")) arrivals.open += 1
    for (const [, at = ""] of text.matchAll(/"kind":"warning"[^\n]*?"at":"([^"]+)"/g)) {
      arrivals.took.push(now() - Date.parse(at))
    }
  })
}

const quantile = (sorted: ReadonlyArray<number>, share: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)

/** What many readers of one session cost, and how long an event takes to each of them. */
export const readers = Effect.gen(function* () {
  const root = yield* folderInMemory
  yield* writeTemplate(join(root, "templates", "plate"), manifest, { "notes.md": "notes\n" })
  const { emit, held, url } = yield* HttpProgram.start("waiting", root)
  const { id, session } = yield* open(url, projectRequest("plate", 1))
  const before = yield* held
  const arrivals: Arrivals = { took: [], open: 0 }
  yield* Effect.forEach(
    Array.range(1, readersOfAll),
    () => Effect.map(connected(`${session}/events`), (socket) => listen(arrivals, socket)),
    { concurrency: 32, discard: true },
  )
  yield* until(() => arrivals.open === readersOfAll)
  const after = yield* held
  yield* Effect.forEach(
    Array.range(1, emissions),
    (n) =>
      Effect.zipRight(
        emit(id),
        until(() => arrivals.took.length >= n * readersOfAll),
      ),
    { discard: true },
  )
  const sorted = Array.sort(arrivals.took, Order.number)
  return {
    readers: readersOfAll,
    emissions,
    arrival_ms: { median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
    heap_bytes_per_stream: rounded((after.heap - before.heap) / readersOfAll),
    resident_bytes_per_stream: rounded((after.rss - before.rss) / readersOfAll),
  }
}).pipe(Effect.scoped)

const main = fileURLToPath(new URL("../../bin/main.cjs", import.meta.url))

/** From the start of the program to its first answer. */
const oneColdStart = (port: number) =>
  Effect.gen(function* () {
    const root = yield* folderInMemory
    const environment = { ...process.env, EXLAB_DATA_DIR: root, EXLAB_HTTP__PORT: String(port) }
    yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [main, "serve"], { env: environment, stdio: "ignore" })),
      (child) => Effect.sync(() => child.kill("SIGKILL")),
    )
    const url = `http://127.0.0.1:${port}/api/v1/health`
    const answered = Effect.promise(() =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const [took] = yield* Effect.timed(
      Effect.repeat(Effect.zipLeft(answered, Effect.sleep("5 millis")), { until: (ok) => ok }),
    )
    return Duration.toMillis(took)
  }).pipe(Effect.scoped)

export const coldStart = Effect.map(
  Effect.forEach(Array.range(1, 7), (n) => oneColdStart(28_420 + n)),
  spread,
)
