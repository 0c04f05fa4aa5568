import * as fs from "node:fs"
import { DateTime, Effect, Layer, Logger, LogLevel } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as StagingWorkspace from "../../../layers/workspace/StagingWorkspace.ts"
import { type Destination, projectDestination, runDestination } from "../../../src/domain/Destination.ts"
import { SessionId } from "../../../src/domain/Session.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Staging, Workspace } from "../../../src/ports/Workspace.ts"
import * as FaultDisk from "../../support/FaultDisk.ts"

export const settings = (localRoot: string, host = "labpc-01") =>
  Settings.layer(
    withDefaults({
      paths: { localRoot, templatesDir: `${localRoot}/templates` },
      orchestrator: { enabled: false, host, label: "" },
    }),
  )

/** A service of its own each time it is provided: two share nothing but the files, like two processes. */
export const service = (localRoot: string, host?: string) =>
  StagingWorkspace.layer.pipe(
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(NodeDisk.layer),
    Layer.provide(settings(localRoot, host)),
  )

/** Without the log of what was cleared. */
export const quiet = Logger.withMinimumLogLevel(LogLevel.None)

/** What a service that died in the middle of its work leaves behind. */
export const abandon = (destination: Destination, n = 99, host?: string) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    yield* fill(yield* workspace.claim(destination, session(n)), "half")
  }).pipe(Effect.provide(service(destination.localRoot, host)))

export const session = (n: number): SessionId =>
  SessionId.make(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`)

export const project = (localRoot: string, shortId = "PROJ-0042"): Destination =>
  projectDestination(localRoot, "CONFOCAL_01", shortId)

const date = DateTime.unsafeMakeZoned("2026-04-17T14:32:00Z", { timeZone: "UTC" })

export const run = (localRoot: string): Destination =>
  runDestination(localRoot, "CONFOCAL_01", "PROJ-0042", "experimental", date)

/** What a session would have made, records included. */
export const fill = ({ copies, tree }: Staging, content = "measured"): Effect.Effect<void> =>
  Effect.sync(() => {
    fs.mkdirSync(`${tree}/.exlab-wizard`)
    fs.writeFileSync(`${tree}/.exlab-wizard/creation.json`, "{}")
    fs.mkdirSync(`${tree}/raw/deep`, { recursive: true })
    fs.writeFileSync(`${tree}/raw/deep/data.txt`, content)
    fs.writeFileSync(`${tree}/README.md`, content)
    fs.mkdirSync(`${copies}/plugin`)
    fs.writeFileSync(`${copies}/plugin/data.txt`, content)
  })

/** Paths below a directory with the content of files, without following links. */
export const contentsOf = (directory: string): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  const walk = (path: string, name: string): void => {
    const stats = fs.lstatSync(path)
    if (stats.isSymbolicLink()) found[name] = `-> ${fs.readlinkSync(path)}`
    else if (stats.isFile()) found[name] = fs.readFileSync(path, "utf8")
    else {
      found[`${name}/`] = ""
      for (const entry of fs.readdirSync(path)) walk(`${path}/${entry}`, `${name}/${entry}`)
    }
  }
  if (fs.lstatSync(directory, { throwIfNoEntry: false }) !== undefined) walk(directory, ".")
  return found
}

/** Everything in the staging folder of a destination. */
export const inStaging = ({ parent }: Destination): ReadonlyArray<string> => {
  const folder = `${parent}/.exlab-wizard/staging`
  return fs.existsSync(folder) ? fs.readdirSync(folder) : []
}

export const inOwners = (localRoot: string): ReadonlyArray<string> => {
  const folder = `${localRoot}/.exlab-wizard/owners`
  return fs.existsSync(folder) ? fs.readdirSync(folder) : []
}

const records = { "./.exlab-wizard/": "", "./.exlab-wizard/creation.json": "{}" }

/** `fill`ed and kept, and published. */
export const kept = {
  "./": "",
  "./README.md": "measured",
  "./raw/": "",
  "./raw/deep/": "",
  "./raw/deep/data.txt": "measured",
}
export const whole = { ...kept, ...records }

/** What may stand where something is to be created. */
export const obstacles: ReadonlyArray<readonly [kind: string, make: (path: string) => void]> = [
  ["file", (path) => fs.writeFileSync(path, "stays")],
  ["empty-directory", (path) => fs.mkdirSync(path)],
  ["full-directory", (path) => fs.mkdirSync(`${path}/inside`, { recursive: true })],
  ["dangling-link", (path) => fs.symlinkSync("nowhere", path)],
  ["link-to-a-directory", (path) => fs.symlinkSync("/", path)],
]
