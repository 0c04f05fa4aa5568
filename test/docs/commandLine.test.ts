import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { chmod, mkdir, readFile, realpath, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { beforeAll } from "vitest"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { until } from "../support/world.ts"

const run = promisify(execFile)
const root = resolve(import.meta.dirname, "../..")

beforeAll(() => run("npm", ["run", "--silent", "build"], { cwd: root }), 600_000)

interface Listing {
  readonly kind: string
  readonly text: string
}

/** What a page has its reader type, or write to a file, in its order. */
const listingsOf = async (page: string): Promise<ReadonlyArray<Listing>> =>
  [...(await readFile(join(root, page), "utf8")).matchAll(/```(?:sh|yaml) (\S+)\n([\s\S]*?)```/g)].map(
    ([, kind = "", text = ""]) => ({ kind, text }),
  )

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A folder and a shell in which the program is installed. What the shell is told goes on where it was before. */
const shell = Effect.gen(function* () {
  const folder = yield* Effect.andThen(temporaryDirectory, (path) => Effect.promise(() => realpath(path)))
  const bin = join(folder, "bin")
  const port = yield* freePort
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(root, "dist/bin/main.cjs")}' "$@"\n`
  yield* Effect.promise(async () => {
    await mkdir(bin)
    await writeFile(join(bin, "exlab-wizard"), program)
    await chmod(join(bin, "exlab-wizard"), 0o755)
  })
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("EXLAB_"))
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    XDG_CONFIG_HOME: folder,
    EXLAB_HTTP__PORT: String(port),
  }
  let cwd = folder
  const type = (text: string) =>
    Effect.promise(async () => {
      const commands = text.replaceAll("127.0.0.1:8420", `127.0.0.1:${port}`)
      const script = `set -euo pipefail\n${commands}\npwd > "$XDG_CONFIG_HOME/cwd"`
      const said = await run("bash", ["-c", script], { cwd, env })
      cwd = (await readFile(join(folder, "cwd"), "utf8")).trim()
      return said
    })
  return { env, folder, program: join(bin, "exlab-wizard"), place: () => cwd, type }
})

type Shell = Effect.Effect.Success<typeof shell>

const says = ({ type }: Shell, commands: string, text: string) =>
  Effect.map(type(`${commands} || true`), ({ stdout }) => stdout.includes(text))

/** The service as somebody runs it beside the shell, until the scope closes. */
const serve = (reader: Shell) =>
  Effect.acquireRelease(
    Effect.sync(() => execFile(reader.program, ["serve"], { cwd: reader.place(), env: reader.env })),
    (child) =>
      Effect.async<void>((resume) => {
        if (child.exitCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      }),
  ).pipe(
    Effect.zipRight(
      until("the service", says(reader, "exlab-wizard sessions list --json 2>/dev/null", '"sessions"')),
    ),
  )

const follow = (reader: Shell, { kind, text }: Listing) =>
  Effect.gen(function* () {
    const { place, type } = reader
    const [, file] = /^file=(\S+)$/.exec(kind) ?? []
    if (file !== undefined) {
      yield* Effect.promise(() => mkdir(dirname(join(place(), file)), { recursive: true }))
      yield* Effect.promise(() => writeFile(join(place(), file), text))
      return ""
    }
    if (kind === "served") yield* serve(reader)
    if (kind === "waiting") {
      const waiting = "exlab-wizard sessions list --state input_required"
      yield* until("the question", says(reader, waiting, "input_required"))
    }
    return (yield* type(text)).stdout
  })

describe("the shell's examples", () => {
  it.scopedLive(
    "of the page about the command line do what the page says",
    () =>
      Effect.gen(function* () {
        const reader = yield* shell
        const listings = yield* Effect.promise(() => listingsOf("docs/cli.md"))
        expect(listings.map(({ kind }) => kind)).toContain("waiting")
        const said = yield* Effect.forEach(listings, (listing) => follow(reader, listing))
        const lab = join(reader.folder, "lab")
        const project = join(lab, "exlab-data/local/DEMO_01/PROJ-0042")
        expect(said).toContain(`${project}\n`)
        expect(said.join("")).toContain(join(project, "Runs", "Run_"))
        const watched = said[listings.findIndex(({ kind }) => kind === "waiting")] ?? ""
        const test = watched.trimEnd().split("\n").at(-1) ?? ""
        expect(test).toContain(join(project, "TestRuns", "TestRun_"))
        const record = yield* Effect.promise(() =>
          readFile(join(test, ".exlab-wizard", "creation.json"), "utf8"),
        )
        expect(record).toContain("jdoe")
        expect(said.join("")).toContain("refused with 1")
        expect(existsSync(join(lab, "completions.sh"))).toBe(true)
      }),
    600_000,
  )

  it.scopedLive(
    "of the README make its project",
    () =>
      Effect.gen(function* () {
        const reader = yield* shell
        const [listing] = yield* Effect.promise(() => listingsOf("README.md"))
        const said = yield* follow(reader, listing ?? { kind: "", text: "" })
        expect(said).toContain(join(reader.folder, "lab/exlab-data/local/DEMO_01/PROJ-0042\n"))
      }),
    600_000,
  )

  it("all have a mark that says how they are tried", async () => {
    const page = await readFile(join(root, "docs/cli.md"), "utf8")
    const marked = (await listingsOf("docs/cli.md")).length
    expect(page.match(/^```\w+/gm)).toHaveLength(marked)
  })
})
