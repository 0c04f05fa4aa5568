import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import koffi from "koffi"
import { afterEach, vi } from "vitest"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"

/** The C library with another `flock`, and with nothing else that the service calls. */
const library = (flock: (fd: number) => number) => {
  const real = koffi.load(null)
  const func = (definition: string) => {
    if (definition.includes("flock")) return flock
    throw new Error("no such function")
  }
  return (): typeof real => Object.create(real, { func: { value: func } })
}

const build = Effect.flip(Effect.scoped(Layer.build(NodeDisk.layer)))

afterEach(() => void vi.restoreAllMocks())

it.live("without a binding for this platform the layer says so", () =>
  Effect.gen(function* () {
    vi.spyOn(koffi, "load").mockImplementation(() => {
      throw new Error("cannot find the native module")
    })
    expect(yield* build).toMatchObject({
      _tag: "LocksUnsupported",
      message: expect.stringContaining("cannot find the native module"),
    })
  }),
)

it.live("locks that don't exclude anyone are no locks", () =>
  Effect.gen(function* () {
    vi.spyOn(koffi, "load").mockImplementation(library(() => 0))
    expect(yield* build).toMatchObject({
      _tag: "LocksUnsupported",
      message: expect.stringContaining("two holders got the lock and the lock"),
    })
  }),
)

it.live("a call that the system refuses is no lock", () =>
  Effect.gen(function* () {
    vi.spyOn(koffi, "load").mockImplementation(library(() => -1))
    vi.spyOn(koffi, "errno").mockReturnValue(38)
    expect(yield* build).toMatchObject({
      _tag: "LocksUnsupported",
      message: expect.stringContaining("ENOSYS"),
    })
  }),
)
