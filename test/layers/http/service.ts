import { join } from "node:path"
import { Context, Effect, Layer, Logger } from "effect"
import { defaultHttp, HttpSettings } from "../../../layers/http/HttpSettings.ts"
import * as HttpService from "../../../layers/http/HttpService.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { ports } from "../../../layers/Embedded.ts"
import { layerTest as scriptedNas } from "../../../layers/nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins } from "../../../layers/plugins/ScriptedPluginHost.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { PluginHost } from "../../../src/ports/PluginHost.ts"
import { SessionStore } from "../../../src/ports/SessionStore.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { settingsBelow, type WorldOptions, writeTemplates } from "../../support/world.ts"

export interface ServiceOptions extends WorldOptions {
  readonly http?: Partial<HttpSettings["Type"]>
  /** Changes the disk below everything. */
  readonly disk?: Layer.Layer<Disk, never, Disk>
  /** In the place of the one that plays `plugins`. */
  readonly pluginHost?: Layer.Layer<PluginHost>
}

const diskOf = (change: ServiceOptions["disk"]) =>
  change === undefined ? NodeDisk.layer : Layer.provide(change, NodeDisk.layer)

const layerAt = (root: string, { disk, http, nas, pluginHost, plugins, settings }: ServiceOptions) =>
  HttpService.layer.pipe(
    Layer.provide(scriptedNas(nas)),
    Layer.provide(pluginHost ?? scriptedPlugins(plugins ?? {})),
    Layer.provideMerge(ports),
    Layer.provide(Layer.succeed(HttpSettings, { ...defaultHttp, port: 0, ...http })),
    Layer.provide(Layer.merge(diskOf(disk), Settings.layer(settingsBelow(root, settings)))),
    Layer.provide(Logger.remove(Logger.defaultLogger)),
  )

export interface Service {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly root: string
  /** Where its directories go. */
  readonly localRoot: string
  /** For events that no request brings about. */
  readonly store: typeof SessionStore.Service
}

/** The service on real files and a real socket, until the scope closes. */
export const startService = (options: ServiceOptions = {}) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* writeTemplates(root, options.plugins)
    const context = yield* Layer.build(layerAt(root, options))
    const url = yield* Effect.provide(
      HttpService.address((at) => at),
      context,
    )
    const store = Context.get(context, SessionStore)
    return { url, root, localRoot: join(root, "local"), store } satisfies Service
  })
