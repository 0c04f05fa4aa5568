import { join } from "node:path"
import { Context, Effect, Fiber, Layer, Schema, Scope } from "effect"
import { PluginPass } from "../../../../src/domain/Plugin.ts"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { type Child, forkProgram } from "../../../support/childProcess.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import type { Harm, Trial } from "./attacks.ts"
import { give, prepareGrounds, secretVariable, writeTree } from "./grounds.ts"
import { makeNetwork } from "./network.ts"
import { Greeting, Reply } from "./Reply.ts"
import { isAlive, startVictim, temporaryOf, watching } from "./surroundings.ts"
import { treeOf } from "./treeOf.ts"

/** What an attack did, as seen by somebody who stands outside. */
export interface Struck {
  /** Null when the service didn't live to tell. */
  readonly reply: Reply | null
  readonly harms: ReadonlyArray<Harm>
  /** The tree before the pass and after it. */
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
}

/** A service on one tier, with all that plugins may want to harm around it. */
export class Arena extends Context.Tag("test/Arena")<
  Arena,
  {
    readonly greeting: Greeting
    /** Runs a pass of these plugins over a fresh tree. One at a time. */
    readonly strike: (plugins: ReadonlyArray<string>) => Effect.Effect<Struck>
  }
>() {}

export interface ArenaOptions {
  readonly tier: IsolationTier
  /** Whose plugins are there. */
  readonly trials: ReadonlyArray<Trial>
  /** Who the service is; the tests' own user when there is none. */
  readonly user?: number
}

const encodePass = Schema.encodeSync(PluginPass)
const decodeReply = Schema.decodeUnknownSync(Reply)
const decodeGreeting = Schema.decodeUnknownSync(Greeting)

interface Running {
  readonly child: Child
  readonly greeting: Greeting
}

const startService = (root: string, secret: string, { tier, user }: ArenaOptions) =>
  Effect.gen(function* () {
    const child = yield* forkProgram(new URL("./service.ts", import.meta.url), [root, tier], {
      ...(user === undefined ? {} : { user }),
      variables: { TMPDIR: join(root, "temporary"), [secretVariable]: secret },
    })
    return { child, greeting: decodeGreeting(yield* Effect.orDie(child.next)) } satisfies Running
  })

/** The pass that a service is sent, encoded; `place` tells plugins where to strike. */
const passOf = (
  root: string,
  tree: string,
  plugins: ReadonlyArray<string>,
  place: Record<string, string | number>,
) =>
  encodePass({
    ...{ sessionId: "s1", tree, plugins, pluginsFatal: false, files: ["attacked.txt"] },
    copies: join(root, "copies"),
    destination: `${tree}-published`,
    variables: { place },
    template: { name: "attacked", version: "1" },
    ...{ runKind: "experimental", equipmentId: "DEMO_01", project: "PROJ-0042" },
  })

const make = (options: ArenaOptions) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const scope = yield* Effect.scope
    const secret = crypto.randomUUID()
    prepareGrounds(root, secret, options.trials, options.user)
    const network = yield* makeNetwork
    let victim = startVictim(root)
    yield* Effect.addFinalizer(() => Effect.sync(() => victim.child.kill("SIGKILL")))
    const start = startService(root, secret, options).pipe(Effect.provideService(Scope.Scope, scope))
    let running: Running | null = yield* start
    const { greeting } = running
    let count = 0

    const strike = Effect.fnUntraced(function* (plugins: ReadonlyArray<string>) {
      running ??= yield* start
      const { child } = running
      if (!isAlive(victim)) victim = startVictim(root)
      const tree = join(root, "trees", `${count++}`)
      writeTree(tree)
      if (options.user !== undefined) give(tree, options.user)
      const destination = `${tree}-published`
      const folders = plugins.map((name) => join(root, "plugins", name))
      const before = treeOf(tree)
      const harmsOf = watching({ root, secret, destination, plugins: folders }, network, victim)
      const caller = yield* Effect.fork(network.call)
      yield* child.send(
        passOf(root, tree, plugins, {
          ...{ tree, destination, token: root, variable: secretVariable, temporary: temporaryOf(root) },
          ...{ secret: join(root, "secret", "secret.txt"), outside: join(root, "outside") },
          ...{ plugins: join(root, "plugins"), port: network.port, callHere: network.callHere },
          ...{ service: child.pid, victim: victim.pid },
        }),
      )
      const reply = yield* Effect.map(child.next, decodeReply).pipe(
        Effect.catchTag("ChildEnded", () => Effect.succeed(null)),
      )
      const wasCalled = (yield* Fiber.poll(caller))._tag === "Some"
      yield* Fiber.interrupt(caller)
      const found = yield* harmsOf(reply, child.pid)
      if (reply === null) running = null
      const harms: ReadonlyArray<Harm> = wasCalled ? [...found, "was called"] : found
      return { reply, harms, before, after: treeOf(tree) } satisfies Struck
    })

    return Arena.of({ greeting, strike })
  })

export const layer = (options: ArenaOptions): Layer.Layer<Arena> => Layer.scoped(Arena, make(options))
