import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { clearAbandoned } from "../../../layers/workspace/abandoned.ts"
import { AbandonedAreas } from "../../../layers/workspace/AbandonedAreas.ts"
import type { Destination } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Workspace } from "../../../src/ports/Workspace.ts"
import { Action, DiskFaults } from "../../support/FaultDisk.ts"
import {
  abandon,
  contentsOf,
  fill,
  inOwners,
  inStaging,
  project,
  run,
  service,
  session,
  whole,
} from "./support.ts"
import { withService } from "./withService.ts"

const host = "labpc-01"

const areaOf = ({ leaf, parent }: Destination): string => `${parent}/.exlab-wizard/staging/${leaf}`

/** A claim that must succeed, up to its publication. */
const create = (destination: Destination) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const staging = yield* workspace.claim(destination, session(1))
    yield* fill(staging)
    expect(yield* workspace.publish(staging)).toEqual({ warnings: [] })
    expect(contentsOf(destination.path)).toEqual(whole)
    expect(inStaging(destination)).toEqual([])
  })

withService("the start clears what dead services left, and nothing of the living", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const earlier = yield* AbandonedAreas
    yield* earlier.cleared
    const living = yield* workspace.claim(project(root, "LIVING"), session(1))
    const dead = [project(root), run(root), project(root, "OTHER")]
    for (const destination of dead) yield* abandon(destination)
    const folder = `${project(root).parent}/.exlab-wizard/staging`
    const { owner } = JSON.parse(fs.readFileSync(`${areaOf(run(root))}/owner.json`, "utf8"))
    const passing = [`${folder}/.claim-${owner}-7`, `${folder}/.clear-${owner}-xabc`]
    for (const path of passing) fs.mkdirSync(`${path}/tree`, { recursive: true })
    yield* Effect.gen(function* () {
      const areas = yield* AbandonedAreas
      const { cleared, problems } = yield* areas.cleared
      expect(problems).toEqual([])
      expect([...cleared].sort()).toEqual([...dead.map(areaOf), ...passing].sort())
    }).pipe(Effect.provide(service(root)))
    expect(inStaging(run(root))).toEqual([])
    expect(inStaging(project(root))).toEqual(["LIVING"])
    expect(inOwners(root)).toHaveLength(1)
    yield* fill(living)
    yield* workspace.publish(living)
    expect(contentsOf(living.destination.path)).toEqual(whole)
  }),
)

withService("an owner's lock that can't be opened is told, and keeps nothing of the others", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    yield* abandon(project(root, "OTHER"))
    const closed = `${root}/.exlab-wizard/owners/${inOwners(root)[0] ?? ""}`
    fs.rmSync(closed)
    fs.mkdirSync(closed)
    // The service that is abandoned next clears in the background, too: it finds the lock closed already.
    yield* abandon(run(root))
    const { cleared, problems } = yield* clearAbandoned(root, host)
    expect(cleared).toEqual([areaOf(run(root))])
    expect(new Set(problems.map(({ path }) => path))).toEqual(new Set([closed]))
    expect(inStaging(project(root, "OTHER"))).toEqual([project(root, "OTHER").leaf])
    expect(inStaging(run(root))).toEqual([])
    fs.rmdirSync(closed)
    yield* create(project(root, "OTHER"))
  }),
)

withService("a lock of nobody's that can't be opened is passed over: the others are forgotten", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    yield* abandon(run(root))
    const [dead = ""] = inOwners(root)
    const nobody = dead.replace(/[0-9a-f]{4}\.lock$/, "ffff.lock")
    fs.mkdirSync(`${root}/.exlab-wizard/owners/${nobody}`)
    const { cleared, problems } = yield* clearAbandoned(root, host)
    expect(cleared).toEqual([areaOf(run(root))])
    expect(problems).toHaveLength(1)
    expect(inOwners(root)).toEqual([nobody])
  }),
)

withService("the next claim of a dead owner's place clears it", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    yield* abandon(run(root))
    yield* create(run(root))
  }),
)

const damages: ReadonlyArray<readonly [kind: string, damage: (record: string) => void]> = [
  ["empty", (record) => fs.truncateSync(record)],
  ["no JSON", (record) => fs.writeFileSync(record, '{"host": "lab')],
  ["another shape", (record) => fs.writeFileSync(record, '{"host": 7}')],
  ["huge", (record) => fs.truncateSync(record, 10_000_000)],
  [
    "an owner that leads elsewhere",
    (record) =>
      fs.writeFileSync(record, JSON.stringify({ host, pid: 1, session_id: "", owner: "../../x", claim: "" })),
  ],
]

for (const [kind, damage] of damages) {
  withService(
    `a record that a crash damaged (${kind}) is a dead one's, for claims and at the start`,
    (root) =>
      Effect.gen(function* () {
        const areas = yield* AbandonedAreas
        yield* areas.cleared
        yield* abandon(run(root))
        damage(`${areaOf(run(root))}/owner.json`)
        yield* create(run(root))
        yield* abandon(project(root, "OTHER"))
        damage(`${areaOf(project(root, "OTHER"))}/owner.json`)
        const { problems } = yield* clearAbandoned(root, host)
        expect(problems).toEqual([])
        expect(inStaging(project(root))).toEqual([])
      }),
  )
}

const strangers: ReadonlyArray<readonly [kind: string, make: (area: string) => void]> = [
  ["a file", (area) => fs.writeFileSync(area, "stays")],
  ["a directory without a record", (area) => fs.mkdirSync(`${area}/tree`, { recursive: true })],
  ["a link to a directory", (area) => fs.symlinkSync("/", area)],
  ["a dangling link", (area) => fs.symlinkSync("nowhere", area)],
  [
    "a directory whose record is a link",
    (area) => {
      fs.mkdirSync(area)
      fs.symlinkSync("/etc/passwd", `${area}/owner.json`)
    },
  ],
]

for (const [kind, make] of strangers) {
  withService(`${kind} in the place of a staging area is left alone`, (root) =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      yield* abandon(run(root), 2)
      const area = areaOf(project(root))
      fs.mkdirSync(area, { recursive: true })
      fs.rmdirSync(area)
      make(area)
      const before = contentsOf(area)
      const error = yield* Effect.flip(workspace.claim(project(root), session(1)))
      expect(error).toMatchObject({ _tag: "DestinationExists", message: expect.stringContaining(area) })
      yield* clearAbandoned(root, host)
      expect(contentsOf(area)).toEqual(before)
      expect(inStaging(project(root))).toEqual([project(root).leaf])
    }),
  )
}

withService("an empty directory in the place of a staging area is in nobody's way", (root) =>
  Effect.gen(function* () {
    fs.mkdirSync(areaOf(run(root)), { recursive: true })
    yield* create(run(root))
  }),
)

withService("whether another computer's owner lives nobody can tell: it is left alone, and named", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    yield* abandon(run(root), 2, "labpc-02")
    const before = contentsOf(root)
    const error = yield* Effect.flip(workspace.claim(run(root), session(1)))
    expect(error).toMatchObject({ _tag: "DestinationExists", message: expect.stringContaining("labpc-02") })
    expect(yield* clearAbandoned(root, host)).toEqual({ cleared: [], problems: [] })
    expect(inStaging(run(root))).toEqual([run(root).leaf])
    expect(Object.keys(contentsOf(root))).toEqual(expect.arrayContaining(Object.keys(before)))
  }),
)

withService("of many who clear a dead one's place at once, one gets it, and its files stay", (root) =>
  Effect.gen(function* () {
    const destination = run(root)
    for (let round = 0; round < 10; round++) {
      yield* abandon(destination)
      const claimAndFill = Effect.gen(function* () {
        const workspace = yield* Workspace
        const staging = yield* workspace.claim(destination, session(round))
        yield* fill(staging)
        return contentsOf(staging.tree)
      }).pipe(Effect.either, Effect.provide(service(root)))
      const clear = Effect.as(clearAbandoned(root, host), null)
      const [outcomes] = yield* Effect.all(
        [
          Effect.all([claimAndFill, claimAndFill, claimAndFill], { concurrency: "unbounded" }),
          Effect.all([clear, clear], { concurrency: "unbounded" }),
        ],
        { concurrency: "unbounded" },
      )
      for (const outcome of outcomes) {
        if (outcome._tag === "Right") expect(outcome.right).toEqual(whole)
        else expect(outcome.left).toMatchObject({ _tag: "DestinationExists" })
      }
      expect(outcomes.filter(({ _tag }) => _tag === "Right").length).toBeGreaterThan(0)
      yield* clearAbandoned(root, host)
      expect(inStaging(destination)).toEqual([])
    }
  }),
)

withService("a claim of ours that couldn't be removed when it ended is cleared by our next one", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const faults = yield* DiskFaults
    const staging = yield* workspace.claim(run(root), session(1))
    yield* fill(staging)
    yield* faults.arm(({ name }) =>
      name === "rename" || name === "lstat" ? Action.FailBefore({ errno: "EIO" }) : Action.Pass(),
    )
    const error = yield* Effect.flip(workspace.discard(staging))
    expect(error).toMatchObject({ _tag: "DiskError", op: "lstat", errno: "EIO" })
    yield* faults.disarm
    expect(inStaging(run(root))).toEqual([run(root).leaf])
    yield* create(run(root))
  }),
)

withService("the start doesn't look at directories when nobody died, and never behind links", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    const faults = yield* DiskFaults
    yield* abandon(run(root))
    fs.renameSync(`${root}/CONFOCAL_01`, `${root}/.elsewhere`)
    fs.symlinkSync(".elsewhere", `${root}/CONFOCAL_01`)
    expect(yield* clearAbandoned(root, host)).toEqual({ cleared: [], problems: [] })
    fs.unlinkSync(`${root}/CONFOCAL_01`)
    fs.renameSync(`${root}/.elsewhere`, `${root}/CONFOCAL_01`)
    expect(inStaging(run(root))).toEqual([run(root).leaf])
    expect(inOwners(root)).toEqual([])
    yield* faults.arm(() => Action.Pass())
    yield* clearAbandoned(root, host)
    expect((yield* faults.disarm).map(({ paths }) => paths)).toEqual([[`${root}/.exlab-wizard/owners`]])
    yield* create(run(root))
  }),
)

withService("what can't be cleared is a problem, and the next start's", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    const faults = yield* DiskFaults
    yield* abandon(run(root))
    yield* abandon(project(root, "OTHER"))
    const data = "raw/deep/data.txt"
    yield* faults.arm(({ name, paths }) =>
      name === "removeFile" && paths[0]?.endsWith(data) === true && paths[0].includes("/Runs/")
        ? Action.FailBefore({ errno: "EIO" })
        : Action.Pass(),
    )
    const { cleared, problems } = yield* clearAbandoned(root, host)
    yield* faults.disarm
    expect(cleared).toEqual([areaOf(project(root, "OTHER"))])
    expect(problems).toMatchObject([{ _tag: "DiskError", op: "removeFile", errno: "EIO" }])
    expect(inOwners(root)).toHaveLength(2)
    expect(yield* clearAbandoned(root, host)).toMatchObject({ problems: [] })
    expect(inStaging(run(root))).toEqual([])
    expect(inOwners(root)).toEqual([])
  }),
)

withService("folders that may not be read are passed over", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    const faults = yield* DiskFaults
    yield* abandon(run(root))
    fs.mkdirSync(`${root}/FOREIGN`)
    yield* faults.arm(({ name, paths }) =>
      name === "list" && paths[0]?.endsWith("/FOREIGN") === true
        ? Action.FailBefore({ errno: "EACCES" })
        : Action.Pass(),
    )
    expect(yield* clearAbandoned(root, host)).toEqual({ cleared: [areaOf(run(root))], problems: [] })
  }),
)

withService("a root that is a link is the root", (root) =>
  Effect.gen(function* () {
    const link = `${root}/link`
    fs.mkdirSync(`${root}/real`)
    fs.symlinkSync("real", link)
    yield* abandon(run(link))
    expect(yield* clearAbandoned(link, host)).toEqual({
      cleared: [areaOf(run(`${root}/real`))],
      problems: [],
    })
    yield* create(run(link)).pipe(Effect.provide(service(link)))
  }),
)

withService("temporary files beside records go at the start, unless their writer lives", (root) =>
  Effect.gen(function* () {
    const areas = yield* AbandonedAreas
    yield* areas.cleared
    const disk = yield* Disk
    const temporary = ".tmp-0123456789abcdef"
    const below = (parent: string) => `${parent}/.exlab-wizard`
    const dead = [below(project(root).parent), below(run(root).parent)]
    const living = below(project(root, "X").parent.replace("CONFOCAL_01", "WIDEFIELD_01"))
    yield* abandon(run(root))
    for (const folder of [...dead, living]) {
      fs.mkdirSync(folder, { recursive: true })
      fs.writeFileSync(`${folder}/${temporary}`, "{")
      fs.writeFileSync(`${folder}/equipment.json.lock`, "")
    }
    yield* disk.lock(`${living}/equipment.json.lock`, 0)
    const { cleared, problems } = yield* clearAbandoned(root, host)
    expect(problems).toEqual([])
    const expected = [areaOf(run(root)), ...dead.map((folder) => `${folder}/${temporary}`)]
    expect([...cleared].sort()).toEqual(expected.sort())
    expect(fs.readdirSync(living)).toEqual([temporary, "equipment.json.lock"])
  }).pipe(Effect.scoped),
)
