import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { beforeEach, vi } from "vitest"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"

const binding = vi.hoisted(() => ({ load: (): unknown => undefined, errno: (): number => 0 }))

vi.mock("koffi", () => ({ default: { load: () => binding.load(), errno: () => binding.errno() } }))

const library = (flock: (fd: number) => number) => () => ({
  func: (definition: string) => {
    if (definition.includes("flock")) return flock
    throw new Error("no such function")
  },
})

const build = Effect.flip(Effect.scoped(Layer.build(NodeDisk.layer)))

beforeEach(() => {
  binding.errno = () => 0
})

it.live("without a binding for this platform the layer says so", () =>
  Effect.gen(function* () {
    binding.load = () => {
      throw new Error("cannot find the native module")
    }
    expect(yield* build).toMatchObject({
      _tag: "LocksUnsupported",
      message: expect.stringContaining("cannot find the native module"),
    })
  }),
)

it.live("locks that don't exclude anyone are no locks", () =>
  Effect.gen(function* () {
    binding.load = library(() => 0)
    expect(yield* build).toMatchObject({ _tag: "LocksUnsupported" })
  }),
)

it.live("a call that the system refuses is no lock", () =>
  Effect.gen(function* () {
    binding.load = library(() => -1)
    binding.errno = () => 38
    expect(yield* build).toMatchObject({
      _tag: "LocksUnsupported",
      message: expect.stringContaining("ENOSYS"),
    })
  }),
)
