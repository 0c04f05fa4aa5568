/** A project and three runs from the bundled templates. `./scripts/demo` builds and starts it. */
import { mkdir, mkdtemp, readdir, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import type { Runtime } from "@effect/platform"
import { Cause, Console, Effect, Either, Exit, Layer, Logger, LogLevel, Ref, Stream } from "effect"
import * as Embedded from "../layers/Embedded.ts"
import { CreationController } from "../src/controller/CreationController.ts"
import type {
  InputInvalid,
  SessionAlreadyCompleted,
  SessionNotAwaitingInput,
  SessionNotFound,
  ShuttingDown,
  TooManySessions,
} from "../src/domain/Errors.ts"
import type { SessionAborted, SessionFailed, SessionHandle } from "../src/domain/Session.ts"
import type { SessionEvent } from "../src/domain/SessionEvent.ts"
import { type Answering, answersTo, DemoFailed, parseAnswers } from "./demoAnswers.ts"
import { describe } from "./demoEvents.ts"
import { confocalRun, controlRun, imagingProject, plateReaderRun } from "./demoRequests.ts"
import { folderBeside, followCopy, markTarget, settingsFor } from "./demoSync.ts"

const usage = `Usage: ./scripts/demo [--root DIR] [--answer NAME=VALUE]… [--json]

Creates a project and three runs from the bundled templates: an experimental run, a test run, and one of an
instrument whose plugins rename files, write header rows and fill a workbook, and ask for what they can't know.
Each is copied to a NAS, which is a folder beside, and verified there.

  --root DIR           where to create them; default: a new temporary directory. The NAS is DIR-nas
  --answer NAME=VALUE  answers a question, such as plate_barcode=P-0042. What isn't answered so is asked at the
                       terminal; where there is none, what the question suggests is used
  --json               ends with one line {"project":…,"experimental":…,"test":…,"instrument":…} on standard
                       output; everything else goes to standard error
  --help               this text
`

const files = <A>(what: string, run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (cause) => new DemoFailed({ message: `${what}: ${String(cause)}` }) })

type AnsweringError = InputInvalid | SessionAlreadyCompleted | SessionNotAwaitingInput | DemoFailed
type CreationError =
  SessionFailed | SessionAborted | SessionNotFound | TooManySessions | ShuttingDown | AnsweringError

/** Somebody else, another demo perhaps, made a project of that name in the meantime. */
const isTaken = (error: CreationError): boolean =>
  error._tag === "SessionFailed" && error.envelope.code === "destination_exists"

const answeredBy = "asmith"

type AnswerError = DemoFailed | Effect.Effect.Error<ReturnType<typeof CreationController.Service.resume>>

/** Answers a question of a plugin. Who sits at a terminal may try again. */
const answer = (
  wizard: typeof CreationController.Service,
  answering: Answering,
  id: SessionHandle["sessionId"],
  event: Extract<SessionEvent, { readonly kind: "input_required" }>,
): Effect.Effect<void, AnswerError> =>
  Effect.gen(function* () {
    const { fields, promptId } = event
    const inputs = yield* answersTo(answering, fields)
    yield* wizard.resume(id, inputs, { promptId, answeredBy })
  }).pipe(
    Effect.tapErrorTag("InputInvalid", ({ message }) => answering.say(`  ! ${message}`)),
    Effect.catchIf(
      ({ _tag }) => _tag === "InputInvalid" && answering.isTerminal,
      // What was given beforehand was refused, too: now everything is asked.
      () => answer(wizard, { ...answering, given: {} }, id, event),
    ),
  )

const demo = (root: string, nas: string, answering: Answering) =>
  Effect.gen(function* () {
    const wizard = yield* CreationController
    const { given, say } = answering
    yield* markTarget
    const asked = yield* Ref.make<ReadonlyArray<string>>([])

    const follow = <E>(what: string, create: Effect.Effect<SessionHandle, E>) =>
      Effect.gen(function* () {
        yield* say(`\n${what}`)
        const { sessionId } = yield* create
        yield* Stream.runForEach(wizard.subscribe(sessionId), (event) =>
          Effect.gen(function* () {
            const line = describe(event)
            if (line !== null) yield* say(line)
            if (event.kind !== "input_required") return
            yield* Ref.update(asked, (all) => [...all, ...event.fields.map(({ id }) => id)])
            yield* answer(wizard, answering, sessionId, event)
          }),
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
    // Runs are named after the second in which they begin.
    yield* Effect.sleep("1 second")
    const instrument = yield* follow("Instrument run", wizard.createRun(plateReaderRun(shortId)))
    const ids = yield* Ref.get(asked)
    for (const name of Object.keys(given).filter((name) => !ids.includes(name))) {
      yield* say(`  ! nothing asked for ${name}, which --answer gives`)
    }
    const made = { project, experimental, test, instrument }
    for (const [what, path] of Object.entries(made)) {
      yield* say(`\nThe copy of the ${what === "project" ? what : `${what} run`} on the NAS`)
      yield* followCopy(path, say)
    }
    return made
  }).pipe(
    Effect.provide(
      CreationController.layer.pipe(Layer.provideMerge(Embedded.adapters(settingsFor(root, nas)))),
    ),
  )

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

/** What happens is shown already: the log speaks when something is wrong, and where no result goes. */
const quietly = Layer.merge(
  Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.stringLogger)),
  Logger.minimumLogLevel(LogLevel.Warning),
)

interface DemoOptions {
  readonly json: boolean
  readonly root: string | undefined
  readonly given: Answering["given"]
}

const main = ({ given, json, root: chosen }: DemoOptions) =>
  Effect.gen(function* () {
    const say = json ? Console.error : Console.log
    const root =
      chosen === undefined
        ? yield* files("no temporary directory can be made", () =>
            mkdtemp(join(tmpdir(), "exlab-wizard-demo-")),
          )
        : resolve(chosen)
    const nas = yield* folderBeside(root)
    yield* say(`Everything below ${root}, and copied to ${nas}`)
    const made = yield* demo(root, nas, { given, isTerminal: process.stdin.isTTY === true, say })
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

const read = Either.try({
  try: () =>
    parseArgs({
      options: {
        root: { type: "string" },
        answer: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values,
  catch: (cause) => (cause instanceof Error ? cause.message : String(cause)),
})

const options = Either.flatMap(read, ({ answer, help, json, root }) =>
  root === ""
    ? Either.left("--root is empty")
    : Either.map(parseAnswers(answer), (given) => ({ help, json, root, given })),
)

if (Either.isLeft(options)) {
  process.stderr.write(`${options.left}\n\n${usage}`)
  process.exitCode = 2
} else if (options.right.help) {
  process.stdout.write(usage)
} else {
  NodeRuntime.runMain(main(options.right), {
    disableErrorReporting: true,
    // It would write on standard output.
    disablePrettyLogger: true,
    teardown,
  })
}
