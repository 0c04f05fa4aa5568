import { mkdir, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DateTime, Effect, Layer, type Scope } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { type PartialSettings, withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as RuleValidator from "../../../layers/validator/RuleValidator.ts"
import { type Destination, runDestination } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Finding } from "../../../src/domain/Finding.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { Validator } from "../../../src/ports/Validator.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

const runDate = DateTime.unsafeMakeZoned("2026-04-17T14:32:00Z", { timeZone: "UTC" })

export const destination: Destination = runDestination(
  "/data",
  "CONFOCAL",
  "PROJ-0042",
  "experimental",
  runDate,
)

/** Path → content; null makes a directory, `{ link }` a symlink. */
export type Tree = Readonly<Record<string, string | Uint8Array | null | { readonly link: string }>>

export const plant = (tree: Tree): Effect.Effect<string, never, Scope.Scope> =>
  Effect.tap(temporaryDirectory, (root) =>
    Effect.promise(async () => {
      for (const [path, content] of Object.entries(tree)) {
        const at = join(root, path)
        if (content === null) {
          await mkdir(at, { recursive: true })
          continue
        }
        await mkdir(dirname(at), { recursive: true })
        await (typeof content === "string" || content instanceof Uint8Array
          ? writeFile(at, content)
          : symlink(content.link, at))
      }
    }),
  )

export const validator = (settings: PartialSettings = {}) =>
  RuleValidator.layer.pipe(
    Layer.provide(Settings.layer(withDefaults(settings))),
    Layer.provideMerge(NodeDisk.layer),
  )

/** What is found in a tree; without a list every file of it counts as rendered. */
export const check = (
  tree: Tree,
  rendered: ReadonlyArray<string> = Object.keys(tree),
): Effect.Effect<ReadonlyArray<Finding>, DiskError, Validator | Scope.Scope> =>
  Effect.gen(function* () {
    const { checkTree } = yield* Validator
    return yield* checkTree({ destination, tree: yield* plant(tree), rendered })
  })

/** `rule path:line[key] token`, the path below the destination. */
export const brief = ({ rule, offendingPath, line, keyPath, matchedToken }: Finding): string => {
  const path = offendingPath.replace(`${destination.path}/`, "")
  const at = `${line === undefined ? "" : `:${line}`}${keyPath === undefined ? "" : `[${keyPath}]`}`
  return `${rule} ${path}${at}${matchedToken === null ? "" : ` ${matchedToken}`}`
}
