import { join } from "node:path"
import { Context, Effect, Layer, Logger } from "effect"
import { defaultHttp, HttpSettings } from "../../../layers/http/HttpSettings.ts"
import * as HttpService from "../../../layers/http/HttpService.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../../layers/Embedded.ts"
import { layerTest as scriptedNas } from "../../../layers/nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins } from "../../../layers/plugins/ScriptedPluginHost.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { PluginHost } from "../../../src/ports/PluginHost.ts"
import { SessionStore } from "../../../src/ports/SessionStore.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncService } from "../../../src/ports/SyncService.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { settingsBelow, type WorldOptions, writeTemplates } from "../../support/world.ts"

export interface ServiceOptions extends WorldOptions {
  readonly http?: Partial<HttpSettings["Type"]>
  /** Changes the disk below everything. */
  readonly disk?: Layer.Layer<Disk, never, Disk>
  /** In the place of the one that plays `plugins`. */
  readonly pluginHost?: Layer.Layer<PluginHost>
  /** Whether what is made is copied to a folder, `nas`, in earnest; its target isn't marked yet. */
  readonly withNas?: boolean
  /** What the sync does otherwise than in earnest. */
  readonly sync?: Partial<typeof SyncService.Service>
}

const mounted = (root: string) => ({
  equipment: [
    {
      id: "DEMO_01",
      label: "Demonstration instrument",
      nasRoot: join(root, "nas"),
      transport: { type: "mounted", uploadMbps: null, schedule: [] } as const,
    },
  ],
})

const settingsAt = (root: string, { settings, withNas = false }: ServiceOptions) =>
  settingsBelow(root, {
    ...settings,
    ...(withNas ? mounted(root) : {}),
    paths: { stateDir: join(root, "state"), ...settings?.paths },
  })

const syncOf = ({ nas, sync, withNas = false }: ServiceOptions): typeof Embedded.sync =>
  Layer.effect(
    SyncService,
    Effect.map(SyncService, (real) => SyncService.of({ ...real, ...sync })),
  ).pipe(Layer.provideMerge(withNas ? Embedded.sync : Layer.merge(Embedded.sync, scriptedNas(nas))))

const diskOf = (change: ServiceOptions["disk"]) =>
  change === undefined ? NodeDisk.layer : Layer.provide(change, NodeDisk.layer)

const layerAt = (root: string, options: ServiceOptions) =>
  HttpService.layer.pipe(
    Layer.provide(options.pluginHost ?? scriptedPlugins(options.plugins ?? {})),
    Layer.provideMerge(syncOf(options)),
    Layer.provideMerge(Embedded.ports),
    Layer.provide(Layer.succeed(HttpSettings, { ...defaultHttp, port: 0, ...options.http })),
    Layer.provide(Layer.merge(diskOf(options.disk), Settings.layer(settingsAt(root, options)))),
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
  /** For what is no request: marking a target. */
  readonly sync: typeof SyncService.Service
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
    const sync = Context.get(context, SyncService)
    return { url, root, localRoot: join(root, "local"), store, sync } satisfies Service
  })
