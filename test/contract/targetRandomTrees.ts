import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FC from "effect/FastCheck"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { contentsAt, type ContractLimits, digestsOf, type MakeRoom, sendable, sendTo } from "./targetRoom.ts"
import { plant, treeOf } from "./targetTrees.ts"

/** Whether a path and one of a tree can't both be. */
const clashes = (path: string, tree: Readonly<Record<string, string>>): boolean =>
  Object.keys(tree).some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))

/** Whatever trees are sent, a map of paths says what is there. */
export const randomTreesContract = (make: MakeRoom, limits: ContractLimits): void => {
  const { runs = 15 } = limits
  const isSendable = sendable(limits)

  const segment = FC.oneof(
    FC.constantFrom(
      "a",
      "b",
      "c",
      "A",
      "é",
      "e\u0301",
      "-x",
      "x y",
      "#",
      ";x",
      "$(x)",
      "\n",
      "*",
      "%2F",
      "[a]",
    ),
    FC.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter(
      (name) => !/[/\0]|^\.{1,2}$/u.test(name),
    ),
  )
  const path = FC.array(segment, { minLength: 1, maxLength: 3 })
    .map((segments) => segments.join("/"))
    .filter(isSendable)
  const tree = FC.uniqueArray(FC.tuple(path, FC.string({ maxLength: 20 })), {
    maxLength: 8,
    selector: ([one]) => one,
  }).map((entries) =>
    // A file can't be a folder, too.
    Object.fromEntries(entries.filter(([one]) => !entries.some(([other]) => other.startsWith(`${one}/`)))),
  )

  it.scopedLive(
    "random trees, sent one over the other, are what a map of paths would be",
    () =>
      Effect.gen(function* () {
        const room = yield* make
        yield* room.transport.writeMarker("the-target")
        const samples = FC.sample(FC.tuple(tree, tree), { numRuns: runs, seed: 20261122 })
        for (const [index, [first, second]] of samples.entries()) {
          const source = yield* temporaryDirectory
          const base = `P${index}/Run`
          const step = `.exlab-incoming/${index}`
          plant(join(source, "1"), first)
          plant(
            join(source, "2"),
            Object.fromEntries(Object.entries(second).filter(([one]) => !clashes(one, first))),
          )
          yield* sendTo(room, join(source, "1"), base)
          yield* sendTo(room, join(source, "2"), step)
          yield* room.transport.publish(step, base)
          const model = { ...treeOf(join(source, "1")), ...treeOf(join(source, "2")) }
          expect(contentsAt(base, yield* room.look)).toEqual(model)
          const files = digestsOf(model)
          expect(yield* room.transport.digests(base, [...files.keys()])).toEqual(files)
        }
      }),
    120_000,
  )
}
