import { Array, Context, Deferred, Effect, Layer } from "effect"
import { noPlugins } from "../../src/domain/PluginCatalog.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { until } from "./until.ts"

/** Sessions that stand in their plugin pass until they are told to talk. */
export class Announcements extends Context.Tag("bench/Announcements")<
  Announcements,
  {
    /** Waits until so many sessions stand ready. */
    readonly ready: (sessions: number) => Effect.Effect<void>
    /** Lets each session that stands ready say `warnings` things, one after the other. */
    readonly speak: (warnings: number) => Effect.Effect<void>
  }
>() {}

interface Stage {
  readonly start: Deferred.Deferred<number>
  ready: number
}

/** A host whose plugins warn, in a row, and do nothing else. */
export const layer: Layer.Layer<PluginHost | Announcements> = Layer.effectContext(
  Effect.gen(function* () {
    const newStage = Effect.map(Deferred.make<number>(), (start): Stage => ({ start, ready: 0 }))
    let stage = yield* newStage
    const host = PluginHost.of({
      inventory: Effect.succeed(noPlugins),
      declarations: () => Effect.succeed([]),
      check: () => Effect.void,
      candidates: () => Effect.succeed([]),
      start: (_, report) =>
        Effect.gen(function* () {
          stage.ready += 1
          const warnings = yield* Deferred.await(stage.start)
          yield* Effect.forEach(
            Array.range(1, warnings),
            (n) => Effect.zipRight(report.warning(`well ${n} is dim`), Effect.yieldNow()),
            { discard: true },
          )
          return { _tag: "Finished", applied: [] } as const
        }),
      continue: () => Effect.dieMessage("nobody asked"),
    })
    return Context.make(PluginHost, host).pipe(
      Context.add(Announcements, {
        ready: (sessions) => until(() => stage.ready >= sessions),
        speak: (warnings) =>
          Effect.gen(function* () {
            const { start } = stage
            stage = yield* newStage
            yield* Deferred.succeed(start, warnings)
          }),
      }),
    )
  }),
)
