// A plain Node program, apart from the service: copies one project and one run into a tree of many, and walks a tree
// as anybody would who knows nothing of it. It is started by the audit benchmark and talks by messages.
import * as fs from "node:fs"
import { join } from "node:path"
import type { Cost } from "./figures.ts"

/** Where a project and a run are that were made by the service, and what is to be made of them. */
export interface Growth {
  readonly equipment: string
  readonly project: string
  readonly run: string
  readonly projects: number
  readonly runsEach: number
}

export type Order =
  { readonly do: "grow"; readonly growth: Growth } | { readonly do: "walk"; readonly root: string }

export interface Walked {
  readonly cost: Cost
  readonly entries: number
}

interface Copied {
  readonly path: string
  /** Null: a directory. */
  readonly content: Buffer | null
}

const contentsOf = (root: string, without: ReadonlyArray<string> = []): ReadonlyArray<Copied> =>
  fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name)
      const content = entry.isDirectory() ? null : fs.readFileSync(absolute)
      return { path: absolute.slice(root.length + 1), content }
    })
    .filter(({ path }) => !without.some((name) => path === name || path.startsWith(`${name}/`)))
    .sort((a, b) => (a.path < b.path ? -1 : 1))

const write = (to: string, contents: ReadonlyArray<Copied>): void => {
  fs.mkdirSync(to, { recursive: true })
  for (const { content, path } of contents) {
    if (content === null) fs.mkdirSync(join(to, path), { recursive: true })
    else fs.writeFileSync(join(to, path), content)
  }
}

const firstRun = Date.UTC(2027, 0, 1)

const runName = (n: number): string =>
  `Run_${new Date(firstRun + n * 1000).toISOString().slice(0, 19).replaceAll(":", "-")}`

const grow = ({ equipment, project, projects, run, runsEach }: Growth): void => {
  const ofProject = contentsOf(project, ["Runs", "TestRuns"])
  const ofRun = contentsOf(run)
  for (let p = 0; p < projects; p += 1) {
    const home = join(equipment, `PROJ-${String(10_000 + p)}`)
    write(home, ofProject)
    for (let r = 0; r < runsEach; r += 1) write(join(home, "Runs", runName(p * runsEach + r)), ofRun)
  }
}

const foldersAtATime = 16

/** Lists every folder, looks at every entry, reads every `creation.json`. */
const walk = (root: string, done: (entries: number) => void): void => {
  const folders = [root]
  let running = 0
  let entries = 0
  const fail = (error: NodeJS.ErrnoException): never => {
    throw error
  }
  const next = (): void => {
    if (folders.length === 0 && running === 0) return done(entries)
    while (folders.length > 0 && running < foldersAtATime) {
      running += 1
      look(folders.pop()!)
    }
  }
  const look = (folder: string): void =>
    fs.readdir(folder, { withFileTypes: true }, (error, found) => {
      if (error !== null) return fail(error)
      let left = found.length + 1
      const over = (): void => {
        left -= 1
        if (left > 0) return
        running -= 1
        next()
      }
      for (const entry of found) {
        const path = `${folder}/${entry.name}`
        entries += 1
        if (entry.isDirectory()) folders.push(path)
        fs.lstat(path, (error) => {
          if (error !== null) return fail(error)
          if (entry.name !== "creation.json") return over()
          fs.readFile(path, "utf8", (error, text) => {
            if (error !== null) return fail(error)
            JSON.parse(text)
            over()
          })
        })
      }
      over()
    })
  next()
}

process.on("message", (order: Order) => {
  if (order.do === "grow") {
    grow(order.growth)
    process.send?.(null)
    return
  }
  const started = performance.now()
  const cpu = process.cpuUsage()
  walk(order.root, (entries) => {
    const { system, user } = process.cpuUsage(cpu)
    const cost = { millis: performance.now() - started, cpuMillis: (user + system) / 1000 }
    process.send?.({ cost, entries } satisfies Walked)
  })
})
