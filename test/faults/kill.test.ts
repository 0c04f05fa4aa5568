import { afterAll, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { killEverywhere } from "./kill.ts"

/** How many moments, about. There are some 550: as many as are asked for. */
const wanted = Number(process.env.EXLAB_KILLS ?? "56")

const writing = ["rendering", "plugin_pass", "cache_write", "post_validate", "sync_queued"] as const

const told: Array<string> = []

it.scopedLive(
  "a process killed in the middle of a creation leaves nothing half made, and the next start clears the rest",
  () =>
    Effect.gen(function* () {
      const kills = yield* killEverywhere(wanted)
      const somethingLeft = kills.filter((kill) => kill.somethingLeft).length
      const counts = writing.map((state) => kills.filter(({ moment }) => moment.state === state).length)
      told.push(
        `${kills.length} kills: ${writing.map((state, n) => `${counts[n]} in ${state}`).join(", ")}`,
        `${somethingLeft} of them left something in staging`,
      )
      expect(kills.flatMap(({ problems }) => problems)).toEqual([])
      expect(kills.length).toBeGreaterThanOrEqual(50)
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(5)
      expect(somethingLeft).toBeGreaterThan(kills.length / 3)
    }).pipe(Effect.provide(Layer.merge(NodeDisk.layer, Logger.remove(Logger.defaultLogger)))),
  60_000 + 2000 * wanted,
)

afterAll(() => void process.stdout.write(`${told.join("\n")}\n`))
