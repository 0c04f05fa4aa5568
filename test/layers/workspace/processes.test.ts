import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { clearAbandoned } from "../../../layers/workspace/abandoned.ts"
import { Workspace } from "../../../src/ports/Workspace.ts"
import { type Child, forkProgram } from "../../support/childProcess.ts"
import { contentsOf, fill, inOwners, inStaging, run, session, whole } from "./support.ts"
import { withService } from "./withService.ts"

const start = (root: string) =>
  Effect.tap(forkProgram(new URL("./programs/creator.ts", import.meta.url), [root]), (child) =>
    Effect.map(child.next, (word) => expect(word).toBe("ready")),
  )

const tell = (child: Child, ...words: ReadonlyArray<string>) =>
  Effect.forEach(words, (word) => Effect.zipRight(child.send(word), child.next))

const host = "labpc-01"

withService("two processes: whoever claims first has it, until it ends", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const [one, two] = yield* Effect.all([start(root), start(root)])
      for (const [first, second] of [
        [one, two],
        [two, one],
      ] as const) {
        expect(yield* tell(first, "claim")).toEqual(["done"])
        expect(yield* tell(second, "claim")).toEqual(["DestinationExists"])
        expect(yield* tell(first, "fill", "discard")).toEqual(["done", "done"])
        expect(yield* tell(second, "claim", "discard")).toEqual(["done", "done"])
      }
      expect(yield* tell(one, "claim", "fill", "publish")).toEqual(["done", "done", "done"])
      expect(yield* tell(two, "claim")).toEqual(["DestinationExists"])
      expect(contentsOf(run(root).path)).toMatchObject({ "./README.md": String(one.pid) })
      expect(inStaging(run(root))).toEqual([])
    }),
  ),
)

withService("processes that race for a destination: one has it, its files are whole", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const children = yield* Effect.all([start(root), start(root), start(root)])
      for (let round = 0; round < 15; round++) {
        yield* Effect.forEach(children, (child) => child.send("claim"))
        const answers = yield* Effect.forEach(children, (child) => child.next)
        expect([...answers].sort()).toEqual(["DestinationExists", "DestinationExists", "done"])
        const winner = children[answers.indexOf("done")]
        if (winner === undefined) continue
        expect(yield* tell(winner, "fill", "publish")).toEqual(["done", "done"])
        const pid = String(winner.pid)
        expect(contentsOf(run(root).path)).toEqual({
          ...whole,
          "./README.md": pid,
          "./raw/deep/data.txt": pid,
        })
        fs.rmSync(run(root).path, { recursive: true })
      }
      expect(inStaging(run(root))).toEqual([])
    }),
  ),
)

withService("a killed process's area is cleared by the next claim", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const victim = yield* start(root)
      expect(yield* tell(victim, "claim", "fill")).toEqual(["done", "done"])
      yield* victim.signal("SIGKILL")
      yield* victim.ended
      const staging = yield* workspace.claim(run(root), session(1))
      expect(contentsOf(staging.tree)).toEqual({ "./": "" })
      yield* fill(staging)
      yield* workspace.publish(staging)
      expect(contentsOf(run(root).path)).toEqual(whole)
      expect(inStaging(run(root))).toEqual([])
    }),
  ),
)

withService("a killed process's area is cleared at the next start, with its lock file", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const victim = yield* start(root)
      expect(yield* tell(victim, "claim", "fill")).toEqual(["done", "done"])
      yield* victim.signal("SIGKILL")
      yield* victim.ended
      expect(inOwners(root)).toHaveLength(1)
      yield* start(root)
      expect(inStaging(run(root))).toEqual([])
      expect(inOwners(root)).toEqual([])
    }),
  ),
)

withService("a stopped process keeps what it claimed, and goes on", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const sleeper = yield* start(root)
      expect(yield* tell(sleeper, "claim", "fill")).toEqual(["done", "done"])
      yield* sleeper.signal("SIGSTOP")
      expect(yield* Effect.flip(workspace.claim(run(root), session(1)))).toMatchObject({
        _tag: "DestinationExists",
      })
      expect(yield* clearAbandoned(root, host)).toEqual({ cleared: [], problems: [] })
      expect(inStaging(run(root))).toEqual([run(root).leaf])
      yield* sleeper.signal("SIGCONT")
      expect(yield* tell(sleeper, "publish")).toEqual(["done"])
      expect(contentsOf(run(root).path)).toMatchObject({ "./README.md": String(sleeper.pid) })
    }),
  ),
)

withService("several processes that start at once after a crash clear it together", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      for (let round = 0; round < 3; round++) {
        const victim = yield* start(root)
        expect(yield* tell(victim, "claim", "fill")).toEqual(["done", "done"])
        yield* victim.signal("SIGKILL")
        yield* victim.ended
        yield* Effect.scoped(Effect.all([start(root), start(root)], { concurrency: "unbounded" }))
        expect(inStaging(run(root))).toEqual([])
        expect(inOwners(root)).toEqual([])
      }
    }),
  ),
)

withService("a process that ends in good order leaves no lock file", (root) =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* start(root)
      expect(yield* tell(child, "claim", "fill", "publish")).toEqual(["done", "done", "done"])
      yield* child.send("end")
      expect(yield* child.ended).toEqual({ code: 0, signal: null })
      expect(inOwners(root)).toEqual([])
    }),
  ),
)
