import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { Array, Data, Effect, Either, Option, Schema, type Scope } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { removeTree } from "../../disk/trees.ts"
import { type ProcessReport, run } from "../process/WorkerProcess.ts"
import { commandLine } from "./commandLine.ts"
import { type Machine, threadLimit } from "./Machine.ts"
import { type Escape, escapes, stops } from "./promises.ts"
import { workerEnvironment } from "./environment.ts"

/** What the canary tries its strength on. */
export interface Bait {
  /** A file outside, with something in it. */
  readonly secret: string
  /** A file outside that it shouldn't be able to change. */
  readonly target: string
  /** Links to them inside. */
  readonly secretLink: string
  readonly targetLink: string
  /** Of this computer, where somebody listens. */
  readonly port: number
  /** Of this service. */
  readonly pid: number
}

interface Cage {
  readonly stage: string
  readonly tree: string
  readonly bait: Bait
}

/** The trial came to no end that says anything, for a reason that may pass. */
export class TrialFailed extends Data.TaggedError("TrialFailed")<{ readonly reason: string }> {}

const script = fileURLToPath(new URL("./escape.mjs", import.meta.url))

const listener: Effect.Effect<number, never, Scope.Scope> = Effect.acquireRelease(
  Effect.async<Server>((resume) => {
    const server = createServer((socket) => socket.on("error", () => undefined).end())
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    server.on("error", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void))),
).pipe(
  Effect.map((server) => {
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : 0
  }),
)

/** A folder of its own for a while, by its real path. */
const workshop: Effect.Effect<string, DiskError, Disk | Scope.Scope> = Effect.gen(function* () {
  const disk = yield* Disk
  const base = yield* disk.realPath(tmpdir())
  const path = joinPath(base, `exlab-wizard-canary-${crypto.randomUUID()}`)
  return yield* Effect.acquireRelease(Effect.as(disk.makeDirectory(path), path), () =>
    Effect.ignore(removeTree(path)),
  )
})

const prepare: Effect.Effect<Cage, DiskError, Disk | Scope.Scope> = Effect.gen(function* () {
  const disk = yield* Disk
  const root = yield* workshop
  const [stage, tree, outside] = [joinPath(root, "stage"), joinPath(root, "tree"), joinPath(root, "outside")]
  const bait = {
    secret: joinPath(outside, "secret"),
    target: joinPath(outside, "target"),
    secretLink: joinPath(tree, "secret"),
    targetLink: joinPath(tree, "target"),
    port: yield* listener,
    pid: process.pid,
  }
  yield* Effect.forEach([stage, tree, outside], disk.makeDirectory)
  yield* disk.copyFile(script, joinPath(stage, "escape.mjs"))
  yield* disk.createFile(bait.secret, "secret")
  yield* disk.createFile(bait.target, "")
  yield* disk.makeLink(bait.secret, bait.secretLink)
  yield* disk.makeLink(bait.target, bait.targetLink)
  return { stage, tree, bait }
})

const limits = { runtime: "node", memoryMb: 256, cpuSeconds: 10 } as const

const orderOf = (machine: Machine, tier: IsolationTier, { stage, tree }: Cage) =>
  Effect.gen(function* () {
    const mark = crypto.randomUUID()
    const env = workerEnvironment(machine.searchPath, { tree, directory: stage, mark })
    const argv = commandLine(tier, machine, {
      words: [joinPath(stage, "escape.mjs")],
      stage,
      tree,
      env,
      limits: { ...limits, threads: yield* threadLimit },
      network: false,
    })
    return Either.map(argv, (argv) => ({ argv, cwd: tree, env, mark, timeout: "20 seconds" }) as const)
  })

const isEscape = (name: string): name is Escape => Object.hasOwn(escapes, name)

const Told = Schema.parseJson(Schema.Array(Schema.String.pipe(Schema.filter(isEscape))))
const decodeTold = Schema.decodeUnknownOption(Told)

/** What a process says why it couldn't do its work. */
const lastWords = ({ end, stderr }: ProcessReport): string => {
  const said = stderr.trim().split("\n").at(-1) ?? ""
  if (said !== "") return said
  return end._tag === "NotStarted" ? end.reason : `a trial of it failed (${end._tag})`
}

/** What came through. Left: the tier can't be had here, and why. */
export type Trial = Either.Either<ReadonlyArray<Escape>, string>

const judge = (report: ProcessReport, said: string | undefined): Effect.Effect<Trial, TrialFailed> => {
  switch (report.end._tag) {
    case "Exited":
    case "NotStarted":
      return Effect.succeed(
        Either.fromOption(report.end._tag === "Exited" ? decodeTold(said) : Option.none(), () =>
          lastWords(report),
        ),
      )
    default:
      return new TrialFailed({ reason: lastWords(report) })
  }
}

/** Tries one tier. */
export const tryTier = (machine: Machine, tier: IsolationTier): Effect.Effect<Trial, TrialFailed, Disk> =>
  Effect.gen(function* () {
    const cage = yield* prepare
    const order = yield* orderOf(machine, tier, cage)
    if (Either.isLeft(order)) return Either.left(order.left)
    let said: string | undefined
    const report = yield* run(
      { ...order.right, stdin: JSON.stringify(cage.bait), volume: { path: cage.tree, minFreeBytes: 0 } },
      (line) => Effect.sync(() => (said = line)),
    )
    return yield* judge(report, said)
  }).pipe(
    Effect.scoped,
    Effect.catchTag("DiskError", (error) => new TrialFailed({ reason: error.message })),
  )

/** Why a tier doesn't count, in one sentence; null when it keeps its promises. */
export const problemOf = (tier: IsolationTier, trial: Trial): string | null =>
  Either.match(trial, {
    onLeft: (reason) => `tier ${tier} can't be had: ${reason}`,
    onRight: (came) => {
      const broken = Array.intersection(came, stops[tier]).map((escape) => escapes[escape])
      return broken.length === 0 ? null : `tier ${tier} doesn't stop ${broken.join(", ")} here`
    },
  })
