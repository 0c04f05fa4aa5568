import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import { describe } from "vitest"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import * as HandlebarsTemplateEngine from "../../../layers/templates/HandlebarsTemplateEngine.ts"
import { type Disturbance, sweep } from "../../support/FaultDisk.ts"
import {
  emptyDirectory,
  type Files,
  globalRoot,
  layer,
  readTree,
  renderInto,
  resolve,
  template,
  writeFiles,
} from "./engine.ts"

const files: Files = {
  "a.txt.hbs": "{{> p}}",
  "sub/{{operator}}/b.csv.hbs": "{{label}}",
  "sub/c.bin": "bytes",
  "link.bin": { link: "sub/c.bin" },
  "_partials/p.hbs": "[{{label}}]",
}

const expected = {
  "a.txt": "[First look]",
  "link.bin": "bytes",
  "sub/": "",
  "sub/asmith/": "",
  "sub/asmith/b.csv": "First look",
  "sub/c.bin": "bytes",
}

const wholeRendering = Effect.gen(function* () {
  const destination = yield* emptyDirectory
  const resolved = yield* resolve()
  yield* renderInto(resolved, { destination })
  return readTree(destination)
}).pipe(Effect.scoped)

/** A disturbed operation ends in a typed error or an interruption, or in a whole tree: never in between. */
const verify = ({ how, operation }: Disturbance, exit: Exit.Exit<unknown, { readonly _tag: string }>) =>
  Effect.sync(() => {
    const where = `${how} ${operation.name} ${operation.paths.join(" ")}`
    if (Exit.isSuccess(exit)) {
      expect([where, exit.value]).toEqual([where, expected])
      expect(how).not.toBe("fails before")
      return
    }
    const failure = Cause.failureOption(exit.cause)
    const tags = ["DiskError", "TemplateLoadError", "TemplateRenderFailed"]
    if (how.startsWith("fails"))
      expect([where, tags]).toEqual([where, expect.arrayContaining([Option.getOrThrow(failure)._tag])])
    else expect([where, Cause.isInterruptedOnly(exit.cause)]).toEqual([where, true])
  })

describe("whatever fails or stops it at whatever operation", () => {
  it.scopedLive("a creation from a template that nobody has read yet", () =>
    Effect.gen(function* () {
      yield* template(files)
      const cold = Effect.provide(wholeRendering, Layer.fresh(HandlebarsTemplateEngine.layer))
      yield* sweep(cold, verify)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("one from a template that is known; afterwards the next one succeeds", () =>
    Effect.gen(function* () {
      yield* template(files)
      yield* sweep(wholeRendering, (disturbance, exit) =>
        Effect.zipRight(
          verify(disturbance, exit),
          Effect.map(wholeRendering, (tree) => expect(tree).toEqual(expected)),
        ),
      )
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a check of a folder of templates", () =>
    Effect.gen(function* () {
      const root = yield* globalRoot
      writeFiles(join(root, "runs/broken"), { "template.yaml": "name: x" })
      yield* template(files)
      const lint = Effect.flatMap(TemplateEngine, (engine) => engine.lint(root))
      const found = yield* lint
      expect(found.length).toBeGreaterThan(0)
      yield* sweep(lint, ({ how }, exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) expect(exit.value).toEqual(found)
          else if (how.startsWith("fails"))
            expect(Option.map(Cause.failureOption(exit.cause), ({ _tag }) => _tag)).toEqual(
              Option.some("DiskError"),
            )
          else expect(Cause.isInterruptedOnly(exit.cause)).toBe(true)
        }),
      )
      expect(fs.readdirSync(root).toSorted()).toEqual(["runs", "t"])
    }).pipe(Effect.provide(layer())),
  )
})
