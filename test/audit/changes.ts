import { Array, DateTime, Effect, FastCheck as FC, Option, Ref } from "effect"
import { removeTree } from "../../layers/disk/trees.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { leafName, parentPath } from "../../src/domain/Destination.ts"
import { type Finding, Rule } from "../../src/domain/Finding.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { CreationWriter } from "../../src/ports/CreationWriter.ts"
import { MemoryFiles } from "../support/MemoryDisk.ts"
import { SteeredClock } from "../support/SteeredClock.ts"
import {
  creationText,
  equipment,
  FailedJobs,
  filesText,
  plant,
  plantDirectory,
  project,
  readmeText,
  root,
  templateText,
  top,
  write,
} from "./lab.ts"

/** What may happen to a lab between two passes. Where it can't, nothing happens. */
export type Change =
  | { readonly do: "plant"; readonly directory: string; readonly text: string }
  | { readonly do: "remove"; readonly path: string }
  | { readonly do: "move"; readonly from: string; readonly to: string }
  | { readonly do: "swap"; readonly one: string; readonly other: string }
  | { readonly do: "write" | "overwrite"; readonly path: string; readonly text: string }
  | { readonly do: "mode"; readonly path: string; readonly mode: number }
  | { readonly do: "link"; readonly path: string }
  | {
      readonly do: "override"
      readonly directory: string
      readonly rule: Rule
      readonly seconds: number | null
    }
  | { readonly do: "revoke"; readonly directory: string }
  | { readonly do: "fail"; readonly paths: ReadonlyArray<string> }
  | { readonly do: "wait"; readonly millis: number }

const runNames = ["Runs/Run_1", "Runs/Run_2", "TestRuns/TestRun_1", "Runs/odd"]
const projects = [project, `${equipment}/a:b.`, `${root}/OTHER_01/PROJ-1`]
const runs = [...runNames.map((name) => `${project}/${name}`), `${projects[2]}/Runs/Run_1`]

const contentNames = ["a.txt", "raw/b.txt", "raw/deep/c.md"]
const recordNames = ["creation", "files", "readme_fields"].map((name) => `.exlab-wizard/${name}.json`)

/** Of the same length, some of them. */
const texts = ["(ab)", "<ab>", "{{x}}", "---\na: <b>\n---\n", "---\na: [\n---\n", ""]

const recordTexts = (path: string): ReadonlyArray<string> => {
  const creation = creationText(path)
  return [
    creation,
    creation.replace("{", "["),
    creationText(path, { run_kind: "test" }),
    creationText(path, { sync_status: "synced" }),
    creationText(path, { lims_project: null }),
    creationText(path, { schema_version: "2.0" }),
    creationText(path, { template: { name: "other" } }),
    filesText(contentNames),
    filesText([]),
    readmeText(),
    readmeText({ core_fields: {} }),
    readmeText({ custom_fields: [{ label: "stain", value: "DAPI" }] }),
  ]
}

const templates = ["plain", "other"].map((name) => `${top}/templates/${name}/template.yaml`)
const templateTexts = ["plain", "other"].flatMap((name) => [
  templateText(name),
  templateText(name, ["stain"]),
  templateText(name, ["laser"]),
])

const usually = <A>(usual: ReadonlyArray<A>, rare: ReadonlyArray<A>): FC.Arbitrary<A> =>
  FC.oneof({ weight: 4, arbitrary: FC.constantFrom(...usual) }, FC.constantFrom(...rare))

const directory = usually([project, ...runs.slice(0, 3)], [...projects, ...runs])
const within = (names: ReadonlyArray<string>) =>
  FC.tuple(directory, FC.constantFrom(...names)).map(([path, name]) => `${path}/${name}`)
const oddEntry = within(["x|y", "raw/nul.txt", "raw/{{n}}", "raw/deep/<id>", "fine"])
const folder = FC.oneof(
  directory,
  FC.constantFrom(root, equipment, ...projects.flatMap((path) => [`${path}/Runs`, `${path}/TestRuns`])),
  within(["raw", "raw/deep", ".exlab-wizard"]),
  FC.constantFrom(`${equipment}/.exlab-wizard`, `${project}/Runs/.exlab-wizard/staging`),
)
const area = FC.constantFrom(
  `${equipment}/.exlab-wizard/staging/PROJ-7`,
  `${project}/Runs/.exlab-wizard/staging/Run_1`,
)

const written: FC.Arbitrary<{ readonly path: string; readonly text: string }> = FC.oneof(
  {
    weight: 3,
    arbitrary: FC.record({ path: within(contentNames), text: FC.constantFrom(...texts) }),
  },
  {
    weight: 3,
    arbitrary: FC.tuple(directory, FC.constantFrom(...recordNames), FC.nat(11)).map(([path, name, n]) => ({
      path: `${path}/${name}`,
      text: recordTexts(path)[n] ?? "",
    })),
  },
  FC.record({ path: FC.constantFrom(...templates), text: FC.constantFrom(...templateTexts) }),
  FC.record({
    path: FC.oneof(
      oddEntry,
      area.map((path) => `${path}/file`),
    ),
    text: FC.constant(""),
  }),
)

const anything = FC.oneof(folder, directory, within([...contentNames, ...recordNames]), oddEntry, area)

export const change: FC.Arbitrary<Change> = FC.oneof(
  FC.record({ do: FC.constant("plant" as const), directory, text: FC.constantFrom(...texts) }),
  FC.record({ do: FC.constant("remove" as const), path: anything }),
  FC.record({ do: FC.constant("move" as const), from: directory, to: directory }),
  FC.record({ do: FC.constant("move" as const), from: anything, to: anything }),
  FC.record({ do: FC.constant("swap" as const), one: directory, other: directory }),
  { weight: 3, arbitrary: written.map((what) => ({ do: "write" as const, ...what })) },
  { weight: 3, arbitrary: written.map((what) => ({ do: "overwrite" as const, ...what })) },
  FC.record({
    do: FC.constant("mode" as const),
    path: FC.oneof(folder, within([...contentNames, ...recordNames])),
    mode: FC.constantFrom(0, 0o755, 0o755, 0o600),
  }),
  FC.record({ do: FC.constant("link" as const), path: anything }),
  {
    weight: 2,
    arbitrary: FC.record({
      do: FC.constant("override" as const),
      directory,
      rule: usually<Rule>(["illegal_filesystem_character"], Rule.literals),
      seconds: FC.constantFrom(null, 1, 5, 60),
    }),
  },
  FC.record({ do: FC.constant("revoke" as const), directory }),
  FC.record({ do: FC.constant("fail" as const), paths: FC.uniqueArray(directory, { maxLength: 3 }) }),
  {
    weight: 3,
    arbitrary: FC.record({
      do: FC.constant("wait" as const),
      millis: FC.constantFrom(1, 400, 1999, 2001, 60_000),
    }),
  },
)

const person = { operator: "asmith", reason: "we know" }

/** What a change in place leaves unseen until contents are looked at. */
export interface Hidden {
  readonly paths: Set<string>
}

const moved = ({ paths }: Hidden, from: string, to: string): void => {
  for (const path of [...paths])
    if (`${path}/`.startsWith(`${from}/`)) paths.add(`${to}${path.slice(from.length)}`)
}

const isContent = (path: string): boolean => contentNames.some((name) => path.endsWith(`/${name}`))

const perform = (change: Change, hidden: Hidden) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const files = yield* MemoryFiles
    const problems = yield* Problems
    switch (change.do) {
      case "plant":
        return yield* plantDirectory(
          change.directory,
          { rendered: contentNames },
          Object.fromEntries(contentNames.map((name) => [name, change.text])),
        )
      case "remove":
        return yield* removeTree(change.path)
      case "move":
        yield* disk.rename(change.from, change.to)
        return moved(hidden, change.from, change.to)
      case "swap": {
        const between = `${top}/between`
        yield* disk.rename(change.one, between)
        yield* Effect.ignore(disk.rename(change.other, change.one))
        yield* Effect.ignore(disk.rename(between, change.other))
        moved(hidden, change.one, change.other)
        return moved(hidden, change.other, change.one)
      }
      case "write":
        return yield* write(change.path, change.text)
      case "overwrite":
        if (isContent(change.path)) hidden.paths.add(change.path)
        return yield* files.overwrite(change.path, change.text)
      case "mode":
        if (isContent(change.path)) hidden.paths.add(change.path)
        return yield* disk.setMode(change.path, change.mode)
      case "link": {
        const outside = `${top}/outside-${leafName(change.path)}`
        yield* removeTree(outside)
        yield* disk.rename(change.path, outside)
        return yield* disk.makeLink(outside, change.path)
      }
      case "override": {
        const { directory, rule, seconds } = change
        const now = yield* DateTime.now
        const expiresAt =
          seconds === null ? {} : { expiresAt: DateTime.formatIso(DateTime.add(now, { seconds })) }
        return yield* problems.override({ path: directory, problemClass: rule, ...person, ...expiresAt })
      }
      case "revoke": {
        const { validationOverrides } = yield* Effect.flatMap(CreationWriter, ({ read }) =>
          read(change.directory),
        )
        const last = Array.findLast(validationOverrides, ({ revoked }) => !revoked)
        if (Option.isNone(last)) return
        return yield* problems.revoke({ path: change.directory, overrideId: last.value.id, ...person })
      }
      case "fail":
        return yield* Effect.flatMap(FailedJobs, Ref.set(change.paths))
      case "wait":
        return yield* Effect.flatMap(SteeredClock, ({ advance }) => advance(change.millis))
    }
  })

/** What can't be done isn't. */
export const make = (change: Change, hidden: Hidden) => Effect.ignore(perform(change, hidden))

/** Whether directory times and records show it, whatever was done to contents in place. */
export const isShown =
  ({ paths }: Hidden) =>
  ({ offendingKind, rule, runPath }: Finding): boolean =>
    offendingKind !== "file_content" ||
    rule === "missing_required_field" ||
    ![...paths].some((path) => path.startsWith(`${runPath}/`))

export const plantBeginning = Effect.gen(function* () {
  for (const path of templates) yield* write(path, templateText(leafName(parentPath(path))))
  const rendered = { rendered: contentNames }
  const contents = { ...Object.fromEntries(contentNames.map((name) => [name, "(ab)"])), "x|y": "" }
  for (const path of [project, ...runs.slice(0, 3)]) yield* plantDirectory(path, rendered, contents)
  yield* plant(project, { "Runs/.exlab-wizard/runs.json": "{}" })
})
