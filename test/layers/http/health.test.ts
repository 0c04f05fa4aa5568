import { expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { call } from "./calls.ts"
import { startService } from "./service.ts"

const storageOf = (url: string) =>
  Effect.map(call(`${url}/api/v1/health`), ({ json }) => {
    const { components, status } = json as {
      readonly status: string
      readonly components: Readonly<Record<string, unknown>>
    }
    return { status, storage: components["storage"] }
  })

/** Free bytes as they are told here; null: nobody can say. */
const diskWith = (free: Ref.Ref<number | null>) =>
  Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        ...disk,
        freeBytes: (path) =>
          Effect.flatMap(Ref.get(free), (bytes) =>
            bytes === null ? new DiskError({ path, op: "freeBytes", errno: "EIO" }) : Effect.succeed(bytes),
          ),
      }),
    ),
  )

it.scopedLive(
  "a full disk and one that fails are errors of the storage, with what to do, until they are well",
  () =>
    Effect.gen(function* () {
      const free = yield* Ref.make<number | null>(2 ** 40)
      const { localRoot, url } = yield* startService({ disk: diskWith(free) })
      expect(yield* storageOf(url)).toMatchObject({ status: "ok", storage: { status: "ok", message: "" } })
      yield* Ref.set(free, 5 * 2 ** 20)
      const full = yield* storageOf(url)
      expect(full).toMatchObject({ status: "error", storage: { status: "error", details: { free_mib: 5 } } })
      expect(JSON.stringify(full)).toContain("has 5 MiB free, and disk.min_free_mib is ")
      yield* Ref.set(free, null)
      const failing = JSON.stringify(yield* storageOf(url))
      expect(failing).toContain("EIO")
      expect(failing).toContain(`let the service's user into ${localRoot}`)
      yield* Ref.set(free, 2 ** 40)
      expect(yield* storageOf(url)).toMatchObject({ status: "ok" })
    }),
)
