import { Array, Clock, Context, DateTime, Effect, HashMap, Layer, Option, Ref, Schedule } from "effect"
import type { ComponentHealth, HealthStatus } from "../../src/api/SystemApi.ts"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import { isTerminal, type SessionState } from "../../src/domain/SessionState.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import { type Finding, sound } from "./componentFinding.ts"
import { countSessions } from "./sessionCounts.ts"
import { storageHealth } from "./storageHealth.ts"
import { syncHealth } from "./syncHealth.ts"

/** From this share of the sessions that may be open on, it is worth a look. */
const fullShare = 0.9

const sessionStore = Effect.zipWith(SessionStore, Settings, (store, { sessions }) =>
  Effect.map(store.counts, (counts): Finding => {
    const states = Object.entries(counts) as ReadonlyArray<[SessionState, number]>
    const open = states.reduce((sum, [state, count]) => (isTerminal(state) ? sum : sum + count), 0)
    const details = { open, most: sessions.maxOpen }
    return open < fullShare * sessions.maxOpen
      ? sound(details)
      : { status: "warn", message: `${open} of ${sessions.maxOpen} sessions are open`, details }
  }),
)

const templates = Effect.map(TemplateEngine, (engine) =>
  engine.list({ equipmentId: null }).pipe(
    Effect.map(({ templates: usable, unusable }): Finding => {
      const details = { usable: usable.length, unusable: unusable.map(({ name }) => name) }
      if (usable.length === 0) return { status: "error", message: "there are no templates", details }
      return unusable.length === 0
        ? sound(details)
        : { status: "warn", message: unusable.map(({ error }) => error.message).join("; "), details }
    }),
    Effect.catchAll(({ message }) => Effect.succeed<Finding>({ status: "error", message, details: {} })),
  ),
)

const pluginHost = Effect.map(PluginHost, ({ inventory }) =>
  Effect.map(inventory, ({ excluded, limitations, plugins, tiers }): Finding => {
    const details = {
      plugins: plugins.length,
      excluded: excluded.map(({ name }) => name),
      ...tiers,
      limitations,
    }
    const [first, ...others] = excluded.map(({ name, reasons }) => `${name}: ${reasons.join(", ")}`)
    return first === undefined
      ? sound(details)
      : { status: "warn", message: [first, ...others].join("; "), details }
  }),
)

/** The rules themselves can't be wrong: what applies them in the background can stand still. */
const rules = Effect.zipWith(ProblemWatch, Settings, ({ board }, { audit }) =>
  Effect.zipWith(board, Clock.currentTimeMillis, (known, now): Finding => {
    const { at, directories, findings, pass, problem } = known
    const age = Option.map(at, (began) => Math.round((now - DateTime.toEpochMillis(began)) / 1000))
    const details = {
      pass,
      directories,
      findings: findings.length,
      seconds_since_last_pass: Option.getOrNull(age),
    }
    return problem === null || !audit.enabled ? sound(details) : { status: "warn", message: problem, details }
  }),
)

const components = Effect.all({
  session_store: sessionStore,
  storage: storageHealth,
  templates,
  plugin_host: pluginHost,
  validator: rules,
  nas_sync: syncHealth,
})

const lookEvery = "30 seconds"

type Known = HashMap.HashMap<string, ComponentHealth>

const sameAs = (before: ComponentHealth, { message, status }: Finding): boolean =>
  before.status === status && before.message === message

/** What hasn't changed keeps its time. */
const noted =
  (found: Readonly<Record<string, Finding>>, now: DateTime.Utc) =>
  (before: Known): Known =>
    HashMap.fromIterable(
      Object.entries(found).map(([name, finding]) => {
        const since = HashMap.get(before, name).pipe(
          Option.filter((known) => sameAs(known, finding)),
          Option.match({ onNone: () => now, onSome: (known) => known.since }),
        )
        return [name, { ...finding, since }]
      }),
    )

/** Who reads the log hears of what went wrong, and when it was well again. */
const tell = (before: Known, after: Known) =>
  Effect.forEach(
    HashMap.toEntries(after),
    ([component, { message, status }]) => {
      const last = Option.getOrElse(HashMap.get(before, component), () => ({ status: "ok", message: "" }))
      if (last.status === status && last.message === message) return Effect.void
      return status === "ok"
        ? Effect.logInfo(`${component} is well again`)
        : Effect.logWarning(`${component}: ${message}`)
    },
    { discard: true },
  )

const severity = ["ok", "warn", "error"] as const

export const worst = (statuses: ReadonlyArray<HealthStatus>): HealthStatus =>
  severity[Array.reduce(statuses, 0, (most, status) => Math.max(most, severity.indexOf(status)))] ?? "ok"

/** How the service's parts are, and since when they have been so. */
export class HealthReport extends Context.Tag("exlab-wizard/HealthReport")<
  HealthReport,
  { readonly look: Effect.Effect<Readonly<Record<string, ComponentHealth>>> }
>() {
  static readonly layer = Layer.scoped(
    HealthReport,
    Effect.gen(function* () {
      const looks = yield* components
      const known = yield* Ref.make<Known>(HashMap.empty())
      const look = Effect.gen(function* () {
        const found = yield* Effect.all(looks)
        const change = noted(found, yield* DateTime.now)
        const [before, noticed] = yield* Ref.modify(known, (before) => {
          const after = change(before)
          return [[before, after] as const, after]
        })
        yield* tell(before, noticed)
        return Object.fromEntries(noticed)
      })
      // Whoever collects figures without asking for them gets the number of sessions so, too.
      yield* Effect.forkScoped(
        Effect.repeat(Effect.zipRight(look, countSessions), Schedule.spaced(lookEvery)),
      )
      return HealthReport.of({ look })
    }),
  )
}
