import { HttpLayerRouter, HttpServer } from "@effect/platform"
import { Context, Effect, FiberRef, Layer, Option, Ref, Scope } from "effect"
import * as MeteredPluginHost from "../telemetry/MeteredPluginHost.ts"
import * as MeteredSessionStore from "../telemetry/MeteredSessionStore.ts"
import { HealthReport } from "../telemetry/HealthReport.ts"
import * as syncFigures from "../telemetry/syncFigures.ts"
import { Api } from "../../src/api/Api.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import { Attendance } from "./Attendance.ts"
import * as BearerToken from "./BearerToken.ts"
import * as boundary from "./boundary.ts"
import * as CatalogHandlers from "./CatalogHandlers.ts"
import * as describing from "./describing.ts"
import * as DirectoriesHandlers from "./DirectoriesHandlers.ts"
import { Draining, endStreams } from "./Draining.ts"
import { Guard } from "./Guard.ts"
import * as NodeServer from "./NodeServer.ts"
import * as ProblemsHandlers from "./ProblemsHandlers.ts"
import * as plainRunPaths from "./plainRunPaths.ts"
import * as SessionsHandlers from "./SessionsHandlers.ts"
import * as SyncHandlers from "./SyncHandlers.ts"
import * as SystemHandlers from "./SystemHandlers.ts"

/** The controller's own, and that of the audit in the background: it closes before the server does, so that callers see how their sessions end. */
class ControllerScope extends Context.Tag("exlab-wizard/ControllerScope")<
  ControllerScope,
  Scope.CloseableScope
>() {
  static readonly layer = Layer.scoped(
    ControllerScope,
    Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit)),
  )
}

const controller = Layer.effectContext(
  Effect.flatMap(ControllerScope, (scope) =>
    Layer.buildWithScope(Layer.merge(CreationController.layer, ProblemWatch.layer), scope),
  ),
).pipe(Layer.provide([MeteredSessionStore.layer, MeteredPluginHost.layer]))

/** The way down: no new work, what works comes to its end, streams end, then connections are cut. */
const shutdown = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { cutOff } = yield* NodeServer.NodeServer
    const draining = yield* Draining
    const sessions = yield* ControllerScope
    yield* Effect.addFinalizer((exit) =>
      Ref.set(draining.isClosing, true).pipe(
        Effect.zipRight(Scope.close(sessions, exit)),
        Effect.zipRight(endStreams(draining)),
        Effect.zipRight(cutOff),
      ),
    )
  }),
)

const routes = HttpLayerRouter.addHttpApi(Api).pipe(
  Layer.provide([
    SessionsHandlers.layer,
    CatalogHandlers.layer,
    DirectoriesHandlers.layer,
    SyncHandlers.layer,
    ProblemsHandlers.layer,
    SystemHandlers.layer,
  ]),
  Layer.merge(describing.layer),
  Layer.merge(boundary.layer),
  Layer.merge(plainRunPaths.layer),
)

/** A directory's path is one segment: its length is for the contract to judge, and for the head's own limit. */
const routerConfig = { maxParamLength: NodeServer.maxHeaderSize }

/** A request whose caller has gone ends with an answer to nobody: no failure that is worth a line. */
const server = HttpLayerRouter.serve(routes, {
  routerConfig,
  disableLogger: true,
  disableListenLog: true,
}).pipe(Layer.locally(FiberRef.unhandledErrorLogLevel, Option.none()))

/** The service over HTTP, listening; it goes down with the scope, as `docs/http.md` says. */
export const layer = shutdown.pipe(
  Layer.provide(server),
  Layer.provide(Guard.layer),
  Layer.provide(BearerToken.BearerToken.layer),
  Layer.provide([HealthReport.layer, Attendance.layer, syncFigures.layer]),
  Layer.provideMerge(NodeServer.layer),
  Layer.provideMerge(controller),
  Layer.provide(Layer.mergeAll(ControllerScope.layer, Draining.layer, NodeServer.NodeServer.layer)),
)

/** Something said with the URL at which it listens. */
export const address = <A>(say: (url: string) => A): Effect.Effect<A, never, HttpServer.HttpServer> =>
  HttpServer.addressFormattedWith((url) => Effect.succeed(say(url)))
