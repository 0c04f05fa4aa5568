/** A project, an experimental run and a test run from the bundled templates. `./scripts/demo` builds and starts it. */
import { mkdir, mkdtemp, readdir, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import type { Runtime } from "@effect/platform"
import { Cause, Console, Effect, Either, Exit, Logger, Schema, Stream } from "effect"
import * as Embedded from "../layers/Embedded.ts"
import { CreationController } from "../src/controller/CreationController.ts"
import type { SessionNotFound, ShuttingDown, TooManySessions } from "../src/domain/Errors.ts"
import type { SessionAborted, SessionFailed, SessionHandle } from "../src/domain/Session.ts"
import type { SessionEvent } from "../src/domain/SessionEvent.ts"
import { confocalRun, controlRun, imagingProject } from "./demoRequests.ts"

const usage = `Usage: ./scripts/demo [--root DIR] [--json]

Creates a project, an experimental run and a test run from the bundled templates.

  --root DIR  where to create them; default: a new temporary directory
  --json      ends with one line {"project":…,"experimental":…,"test":…} on standard output;
              everything else goes to standard error
  --help      this text
`

/** Something that the demo needs from its surroundings isn't there. */
class DemoFailed extends Schema.TaggedError<DemoFailed>()("DemoFailed", { message: Schema.String }) {}

const files = <A>(what: string, run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (cause) => new DemoFailed({ message: `${what}: ${String(cause)}` }) })

const describe = (event: SessionEvent): string | null => {
  switch (event.kind) {
    case "phase":
      return `  ${event.phase}`
    case "progress":
      return `    ${event.current}/${event.total} ${event.detail ?? ""}`
    case "warning":
      return `  ! ${event.message}`
    case "done":
      return `  done: ${event.result.path}`
    case "failed":
      return `  failed: ${event.error.message}`
    default:
      return `  ${event.kind}`
  }
}

type CreationError = SessionFailed | SessionAborted | SessionNotFound | TooManySessions | ShuttingDown

/** Somebody else, another demo perhaps, made a project of that name in the meantime. */
const isTaken = (error: CreationError): boolean =>
  error._tag === "SessionFailed" && error.envelope.code === "destination_exists"

const demo = (root: string, say: (text: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const wizard = yield* CreationController

    const follow = <E>(what: string, create: Effect.Effect<SessionHandle, E>) =>
      Effect.gen(function* () {
        yield* say(`\n${what}`)
        const { sessionId } = yield* create
        yield* wizard.subscribe(sessionId).pipe(
          Stream.map(describe),
          Stream.runForEach((line) => (line === null ? Effect.void : say(line))),
        )
        return (yield* wizard.awaitResult(sessionId)).path
      })

    const createProject = (n: number): Effect.Effect<string, CreationError> => {
      const shortId = `PROJ-${String(n).padStart(4, "0")}`
      return follow(`Project ${shortId}`, wizard.createProject(imagingProject(shortId))).pipe(
        Effect.catchIf(isTaken, () => createProject(n + 1)),
      )
    }

    const project = yield* createProject(yield* nextProject(root))
    const shortId = project.slice(project.lastIndexOf("/") + 1)
    const experimental = yield* follow("Experimental run", wizard.createRun(confocalRun(shortId)))
    const test = yield* follow("Test run", wizard.createRun(controlRun(shortId)))
    return { project, experimental, test }
  }).pipe(Effect.provide(Embedded.layer({ paths: { localRoot: root } })))

const nextProject = (root: string) =>
  files(`${root} can't be used; give a directory that you may write to with --root`, async () => {
    await mkdir(join(root, "DEMO_01"), { recursive: true })
    const numbers = (await readdir(join(root, "DEMO_01"))).flatMap((name) => {
      const match = /^PROJ-(\d{4,9})$/.exec(name)
      return match === null ? [] : [Number(match[1])]
    })
    return Math.max(0, ...numbers) + 1
  })

const tree = (folder: string, indent = "  "): Effect.Effect<ReadonlyArray<string>, DemoFailed> =>
  Effect.gen(function* () {
    const entries = yield* files(folder, () => readdir(folder, { withFileTypes: true }))
    const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const lines = yield* Effect.forEach(sorted, (entry) =>
      entry.isDirectory()
        ? Effect.map(tree(join(folder, entry.name), `${indent}  `), (below) => [
            `${indent}${entry.name}/`,
            ...below,
          ])
        : Effect.succeed([`${indent}${entry.name}`]),
    )
    return lines.flat()
  })

/** Library notes go where the rest of what isn't the result goes. */
const quietly = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.stringLogger))

const main = ({ json, root: given }: { readonly json: boolean; readonly root: string | undefined }) =>
  Effect.gen(function* () {
    const say = json ? Console.error : Console.log
    const root =
      given === undefined
        ? yield* files("no temporary directory can be made", () =>
            mkdtemp(join(tmpdir(), "exlab-wizard-demo-")),
          )
        : resolve(given)
    yield* say(`Everything below ${root}`)
    const made = yield* demo(root, say)
    yield* say(`\n${made.project}\n${(yield* tree(made.project)).join("\n")}`)
    const readme = join(made.experimental, "README.md")
    yield* say(`\n${readme}\n\n${yield* files(readme, () => readFile(readme, "utf8"))}`)
    if (json) yield* Console.log(JSON.stringify(made))
  }).pipe(
    Effect.tapError(({ message }) => Console.error(`The demo stopped: ${message}`)),
    Effect.onInterrupt(() =>
      Console.error("Interrupted: what was published is whole, the rest was removed."),
    ),
    Effect.provide(quietly),
  )

/** An interrupted demo is no success to a script. */
const teardown: Runtime.Teardown = (exit, onExit) =>
  onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)

const options = Either.try({
  try: () =>
    parseArgs({
      options: { root: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values,
  catch: (cause) => (cause instanceof Error ? cause.message : String(cause)),
})

if (Either.isLeft(options)) {
  process.stderr.write(`${options.left}\n\n${usage}`)
  process.exitCode = 2
} else if (options.right.help === true) {
  process.stdout.write(usage)
} else if (options.right.root === "") {
  process.stderr.write(`--root is empty\n\n${usage}`)
  process.exitCode = 2
} else {
  NodeRuntime.runMain(main({ json: options.right.json ?? false, root: options.right.root }), {
    disableErrorReporting: true,
    teardown,
  })
}
