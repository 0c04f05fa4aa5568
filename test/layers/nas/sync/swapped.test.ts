import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Ref } from "effect"
import * as SettingsTransport from "../../../../layers/nas/transports/SettingsTransport.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { SyncTransport, type TargetTransport } from "../../../../src/ports/SyncTransport.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { until } from "../../../support/world.ts"
import { inRealWorlds, jobOf, makeProject, makeRunWith, recordOf, untilState } from "./world.ts"

const initTarget = (replace = false) =>
  Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01", { replace }))

const makeRun = makeRunWith({ templatePath: "plain_run" })

const data = (folder: string): Readonly<Record<string, string>> =>
  fs.existsSync(folder)
    ? Object.fromEntries(Object.entries(treeOf(folder)).filter(([path]) => !path.startsWith(".exlab-wizard")))
    : {}

/** The transports of this world, with something around some of their calls. */
const hooked = (wrap: (transport: TargetTransport) => TargetTransport) =>
  Effect.map(SyncTransport, ({ of }) =>
    Layer.succeed(SyncTransport, { of: (id: string) => Option.map(of(id), wrap) }),
  )

const isFinal = (place: string): boolean => !place.startsWith(".exlab-incoming")

/** Does something once, when it is armed. */
const makeOnce = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.map(Ref.make(false), (armed) => ({
    arm: Ref.set(armed, true),
    once: Effect.whenEffect(effect, Ref.getAndSet(armed, false)),
  }))

describe("a target that is swapped while a job is under way", () => {
  const moments: Readonly<
    Record<string, (transport: TargetTransport, swap: Effect.Effect<unknown>) => Partial<TargetTransport>>
  > = {
    "before anything is sent": ({ exists }, swap) => ({
      exists: (place) => (isFinal(place) ? Effect.zipRight(swap, exists(place)) : exists(place)),
    }),
    "after the verification": ({ list }, swap) => ({
      list: (place, except) =>
        isFinal(place) ? Effect.zipRight(swap, list(place, except)) : list(place, except),
    }),
    "after it got its name": ({ publish }, swap) => ({
      publish: (from, to) => Effect.zipLeft(publish(from, to), swap),
    }),
    "after the records": ({ discard }, swap) => ({
      discard: (place) => Effect.zipLeft(discard(place), swap),
    }),
  }
  for (const [moment, around] of Object.entries(moments)) {
    it.scopedLive(`has nothing of it, and it isn't verified: ${moment}`, () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const swap = Effect.sync(() => {
            fs.renameSync(join(root, "nas"), join(root, "right"))
            fs.mkdirSync(join(root, "nas"))
            const marker = { schema_version: "1.0", id: "another", created_at: "2026-11-22T10:00:00Z" }
            fs.writeFileSync(join(root, "nas/.exlab-target.json"), JSON.stringify(marker))
          })
          const { arm, once } = yield* makeOnce(swap)
          const transports = yield* hooked((transport) => ({ ...transport, ...around(transport, once) }))
          yield* Effect.gen(function* () {
            const { standing } = yield* SyncService
            yield* initTarget()
            yield* untilState(yield* makeProject, "verified")
            yield* arm
            const run = yield* makeRun
            yield* until(
              "a pause",
              Effect.map(standing, ({ pausedTargets }) => pausedTargets.length === 1),
            )
            expect((yield* standing).pausedTargets[0]?.reason).toMatch(/says another|another one/)
            expect((yield* jobOf(run)).state).not.toBe("verified")
            expect(recordOf(run)["sync_status"]).toBe("pending")
            expect(fs.readdirSync(join(root, "nas"))).toEqual([".exlab-target.json"])
          }).pipe(Effect.provide(Layer.provide(start, transports)))
        }),
      ),
    )
  }
})

describe("what was gathered and is gone when it shall get its name", () => {
  it.scopedLive("is sent again", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const clear = Effect.sync(() => fs.rmSync(join(root, "nas/.exlab-incoming"), { recursive: true }))
        const { arm, once } = yield* makeOnce(clear)
        const transports = yield* hooked((transport) => ({
          ...transport,
          list: (place, except) =>
            isFinal(place)
              ? Effect.zipRight(once, transport.list(place, except))
              : transport.list(place, except),
        }))
        yield* Effect.gen(function* () {
          const queue = yield* SyncQueue
          yield* initTarget()
          yield* untilState(yield* makeProject, "verified")
          yield* arm
          const run = yield* makeRun
          const tryAgain = Effect.flatMap(jobOf(run), ({ id }) => queue.intervene(id, "retry", ""))
          yield* until(
            "verified",
            Effect.zipRight(
              tryAgain,
              Effect.map(jobOf(run), ({ state }) => state === "verified"),
            ),
          )
          const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
          expect(data(copy)).toEqual(data(run))
        }).pipe(Effect.provide(Layer.provide(start, transports)))
      }),
    ),
  )
})

describe("a target that is replaced", () => {
  const places = {
    "on its way to the former": "list",
    "verified there a moment before": "discard",
  } as const
  for (const [what, method] of Object.entries(places)) {
    it.scopedLive(`has also what was ${what}`, () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const settings = yield* Settings
          const onOther = (enabled: boolean) =>
            Layer.provideMerge(
              SettingsTransport.layer,
              Settings.layer({
                ...settings,
                sync: { ...settings.sync, enabled },
                equipment: settings.equipment.map((one) => ({ ...one, nasRoot: join(root, "nas2") })),
              }),
            )
          // By the command line, while the service still runs with its former settings.
          const replacing = Effect.provide(initTarget(true), Layer.provide(start, onOther(false)))
          const context = yield* Effect.context<Effect.Effect.Context<typeof replacing>>()
          const { arm, once } = yield* makeOnce(Effect.orDie(Effect.provide(replacing, context)))
          const transports = yield* hooked((transport) => ({
            ...transport,
            list: (place, except) =>
              method === "list" && isFinal(place)
                ? Effect.zipRight(once, transport.list(place, except))
                : transport.list(place, except),
            discard: (place) =>
              method === "discard"
                ? Effect.zipLeft(transport.discard(place), once)
                : transport.discard(place),
          }))
          const run = yield* Effect.gen(function* () {
            const queue = yield* SyncQueue
            yield* initTarget()
            yield* untilState(yield* makeProject, "verified")
            const former = yield* queue.targetId("DEMO_01")
            yield* arm
            const run = yield* makeRun
            yield* until(
              "replaced",
              Effect.map(
                queue.targetId("DEMO_01"),
                (now) => Option.getOrNull(now) !== Option.getOrNull(former),
              ),
            )
            yield* until(
              "given back",
              Effect.map(jobOf(run), ({ reason }) => reason !== ""),
            )
            return run
          }).pipe(Effect.provide(Layer.provide(start, transports)))
          yield* Effect.gen(function* () {
            const queue = yield* SyncQueue
            yield* queue.resumeTarget("DEMO_01")
            yield* queue.intervene((yield* jobOf(run)).id, "retry", "")
            yield* untilState(run, "verified")
            expect(data(join(root, "nas2", relative(join(root, "local/DEMO_01"), run)))).toEqual(data(run))
          }).pipe(Effect.provide(Layer.provide(start, onOther(true))))
        }),
      ),
    )
  }
})
