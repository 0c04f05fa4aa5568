import { readdirSync, rmSync } from "node:fs"
import { expect, layer } from "@effect/vitest"
import { Deferred, Effect, FastCheck as fc, Fiber } from "effect"
import { processesAround } from "../../support/leftProcesses.ts"
import { Action, atOperation, DiskFaults, interruptNow } from "../../support/FaultDisk.ts"
import { readModel, writeModel } from "./model/files.ts"
import { grown, isSameTree, type Played, playedAll, type Tree, type Wish } from "./model/model.ts"
import { Ground, newPass, runToTheEnd, scriptedHost, scriptedNames } from "./model/scripted.ts"

const harmless = ["write", "write", "write", "rename", "rename", "delete", "mkdir", "chmod", "link"] as const
const kinds = [...harmless, ...harmless, "ask", "fail", "crash", "trespass"] as const

const wish: fc.Arbitrary<Wish> = fc.record({
  do: fc.constantFrom(...kinds),
  which: fc.nat(40),
  where: fc.nat(10),
  name: fc.constantFrom("a.txt", "b.csv", "data", "Größe", "more", "x_1.tsv"),
  content: fc.constantFrom("", "a\n", "other\n", "x".repeat(3000)),
})

const wishes = (most: number) => fc.array(wish, { maxLength: most })

/** What grows the tree, and what each plugin wants to do. */
const scene = fc.tuple(wishes(12), fc.array(wishes(6), { minLength: 1, maxLength: scriptedNames.length }))

const scriptsOf = (all: ReadonlyArray<Played>) =>
  Object.fromEntries(all.map(({ script }, n) => [scriptedNames[n] ?? "", script]))

const prepare = (root: string, grow: ReadonlyArray<Wish>, plugins: ReadonlyArray<ReadonlyArray<Wish>>) => {
  const tree = grown(grow)
  const all = playedAll(tree, plugins)
  const pass = newPass(root, scriptsOf(all))
  writeModel(pass.tree, tree)
  return { tree, all, pass }
}

const asObject = (tree: Tree) => Object.fromEntries(tree)

/** No process is left, and no file but the tree and these. */
const expectLeft = (scratch: string, copies: RegExp) => {
  expect(readdirSync(scratch).sort()).toEqual(["copies", "tree"])
  expect(readdirSync(`${scratch}/copies`).filter((name) => !copies.test(name))).toEqual([])
  expect(processesAround(scratch, [])).toEqual([])
}

const nothing = /^$/
/** Whoever interrupts a pass clears the folder that it gave for the copies. */
const privateCopies = /^\d-(?:one|two|three)$/

layer(scriptedHost("none"), { excludeTestServices: true })("plugins that follow scripts", (it) => {
  it.effect.prop(
    "the tree and what is recorded are as in the model",
    { scene },
    ({ scene: [grow, plugins] }) =>
      Effect.gen(function* () {
        const { root } = yield* Ground
        const { all, pass, tree } = prepare(root, grow, plugins)
        const applied = yield* runToTheEnd(pass)
        const outcomes = applied.map(({ facts, status }) => ({ status, reason: facts["reason"] }))
        expect(outcomes).toMatchObject(all.map(({ status }) => ({ status })))
        expect(asObject(readModel(pass.tree))).toEqual(asObject(all.at(-1)?.tree ?? tree))
        expectLeft(pass.scratch, nothing)
        rmSync(pass.scratch, { recursive: true })
      }),
    { fastCheck: { numRuns: 60 } },
  )

  it.effect.prop(
    "interrupted at any operation: the work of whole plugins, and nothing else",
    { scene, at: fc.nat(250) },
    ({ at, scene: [grow, plugins] }) =>
      Effect.gen(function* () {
        const { root } = yield* Ground
        const { all, pass, tree } = prepare(root, grow, plugins)
        const faults = yield* DiskFaults
        const victim = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
        const effect = Effect.flatMap(Deferred.await(victim), interruptNow)
        yield* faults.arm(atOperation(at, Action.RunBefore({ effect })))
        const fiber = yield* Effect.fork(runToTheEnd(pass))
        yield* Deferred.succeed(victim, fiber)
        yield* Fiber.await(fiber)
        yield* faults.disarm
        const now = readModel(pass.tree)
        const possible = [tree, ...all.map((one) => one.tree)]
        expect(possible.some((one) => isSameTree(one, now)) ? "whole" : asObject(now)).toBe("whole")
        expectLeft(pass.scratch, privateCopies)
        rmSync(pass.scratch, { recursive: true })
      }),
    { fastCheck: { numRuns: 60 } },
  )
})
