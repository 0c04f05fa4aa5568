import { type ChildProcess, fork, type ForkOptions } from "node:child_process"
import { basename, dirname } from "node:path"
import { createHash } from "node:crypto"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Data, Deferred, Effect, Queue, type Scope } from "effect"
import { build, type Plugin } from "esbuild"

const compiledFolder = fileURLToPath(new URL("../../node_modules/.cache/fixtures/", import.meta.url))

/** Packages that are CommonJS ask for it. */
const requireInModules =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);'

/** A module that looks for files beside itself finds them beside its source. */
const keepPlaces: Plugin = {
  name: "keep-places",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(?:src|layers|test)\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8")
      const contents = text
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
      return { contents, loader: "ts" }
    }),
}

const bundle = async (source: string): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3", "koffi"],
    // Less to read at each of a thousand starts.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [keepPlaces],
    banner: { js: requireInModules },
    logLevel: "silent",
  })
  return outputFiles[0]!.contents
}

/**
 * Compiles a TypeScript program, with all that it imports, to one file that plain Node runs: that starts
 * three times as fast. What is native isn't in it, so it lies where that is found. Its name says its content,
 * so that test files that compile the same program at the same time don't meet half a file.
 */
const compile = async (program: string): Promise<string> => {
  const source = fileURLToPath(program)
  const contents = await bundle(source)
  const digest = createHash("sha256").update(contents).digest("hex").slice(0, 16)
  const file = `${compiledFolder}${basename(source, ".ts")}-${digest}.mjs`
  const temporary = `${file}.${process.pid}`
  await mkdir(compiledFolder, { recursive: true })
  await writeFile(temporary, contents)
  await rename(temporary, file)
  return file
}

/** The file that a TypeScript program is compiled to; each is compiled once in this process. */
export const compiled = Effect.runSync(
  Effect.cachedFunction((program: string) => Effect.promise(() => compile(program))),
)

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The program ended before it said what was waited for. */
export class ChildEnded extends Data.TaggedError("ChildEnded")<Ended & { readonly stderr: string }> {
  override get message(): string {
    return `the program ended with ${this.code ?? this.signal}\n${this.stderr}`
  }
}

export interface Child {
  readonly pid: number
  /** The next message that the program sent by `process.send`. */
  readonly next: Effect.Effect<unknown, ChildEnded>
  readonly send: (message: string | number | object) => Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
}

const watch = (process: ChildProcess, pid: number): Effect.Effect<Child> =>
  Effect.gen(function* () {
    const messages = yield* Queue.unbounded<unknown>()
    const ended = yield* Deferred.make<Ended>()
    let stderr = ""
    process.stderr?.on("data", (text) => (stderr += String(text)))
    process.on("message", (message) => Queue.unsafeOffer(messages, message))
    const closed = new Promise<Ended>((done) => process.on("close", (code, signal) => done({ code, signal })))
    // Messages may still be on their way when the program is gone.
    process.on("disconnect", () => void closed.then((end) => Deferred.unsafeDone(ended, Effect.succeed(end))))
    const over = Effect.flatMap(Deferred.await(ended), (end) => new ChildEnded({ ...end, stderr }))
    return {
      pid,
      next: Effect.flatMap(Queue.poll(messages), (message) =>
        message._tag === "Some"
          ? Effect.succeed(message.value)
          : Effect.raceFirst(Queue.take(messages), over),
      ),
      send: (message) => Effect.sync(() => process.send?.(message)),
      signal: (signal) => Effect.sync(() => process.kill(signal)),
      ended: Deferred.await(ended),
    }
  })

/** What the process may not go beyond, and who it is. */
export interface Limits {
  /** Bytes in a file, in blocks of 512: writes beyond it fail with `EFBIG`. */
  readonly fileSizeBlocks?: number
  /** Its user and its group, by number; only root may choose. */
  readonly user?: number
  /** Variables beside those of the tests. */
  readonly variables?: Readonly<Record<string, string>>
}

const owner = ({ user, variables }: Limits): ForkOptions => ({
  env: { ...process.env, ...variables },
  ...(user === undefined ? {} : { uid: user, gid: user }),
})

/** A shell sets the limit and becomes the program. */
const launcher = ({ fileSizeBlocks }: Limits): Pick<ForkOptions, "execPath" | "execArgv"> =>
  fileSizeBlocks === undefined
    ? {}
    : {
        execPath: "/bin/sh",
        execArgv: ["-c", `ulimit -f ${fileSizeBlocks} && exec "$0" "$@"`, process.execPath],
      }

/**
 * Starts a TypeScript program of the tests as a process of its own. It talks by `process.send` and
 * `process.on("message")`, and is killed when the scope closes.
 */
export const forkProgram = (
  program: URL,
  args: ReadonlyArray<string> = [],
  limits: Limits = {},
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.flatMap(compiled(program.href), (file) =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        const process = fork(file, args, {
          ...launcher(limits),
          ...owner(limits),
          stdio: ["ignore", "inherit", "pipe", "ipc"],
        })
        return watch(process, process.pid ?? 0)
      }),
      (child) => Effect.zipRight(child.signal("SIGKILL"), child.ended),
    ),
  )
