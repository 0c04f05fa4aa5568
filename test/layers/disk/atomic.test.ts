import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { replaceFile } from "../../../layers/disk/atomic.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { Action, atOperation, DiskFaults, type Disturbance, layer, sweep } from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { onDisk } from "./support.ts"

/** A disturbance comes out as what it was; an error names the operation. */
const expected = ({ how, operation: { name, paths } }: Disturbance) =>
  how.startsWith("interrupted")
    ? "interrupted"
    : expect.objectContaining({ _tag: "DiskError", op: name, path: paths[0] })

const faulty = Layer.provide(layer, NodeDisk.layer)

onDisk("a file is replaced, or made", (_, dir) =>
  Effect.gen(function* () {
    yield* replaceFile(`${dir}/file`, "one")
    yield* replaceFile(`${dir}/file`, new Uint8Array([116, 119, 111]))
    const longest = `${dir}/${"x".repeat(255)}`
    yield* replaceFile(longest, "fits")
    expect(fs.readFileSync(`${dir}/file`, "utf8")).toBe("two")
    expect(fs.readFileSync(longest, "utf8")).toBe("fits")
    expect(fs.readdirSync(dir)).toHaveLength(2)
  }),
)

onDisk("a link is replaced, what it led to stays", (_, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/other`, "stays")
    fs.symlinkSync("other", `${dir}/file`)
    yield* replaceFile(`${dir}/file`, "new")
    expect(fs.readFileSync(`${dir}/other`, "utf8")).toBe("stays")
    expect(fs.lstatSync(`${dir}/file`).isFile()).toBe(true)
  }),
)

onDisk("who reads meanwhile sees one content or the other, never a part", (disk, dir) =>
  Effect.gen(function* () {
    const contents = Array.from({ length: 40 }, (_, index) => String.fromCharCode(65 + index).repeat(20_000))
    yield* replaceFile(`${dir}/file`, contents[0] ?? "")
    const write = Effect.forEach(contents, (content) => replaceFile(`${dir}/file`, content), {
      concurrency: 4,
    })
    const read = Effect.map(disk.readFile(`${dir}/file`), (bytes) => new TextDecoder().decode(bytes))
    const reads = Effect.forEach(contents, () => read)
    const [seen] = yield* Effect.all([reads, write], { concurrency: "unbounded" })
    expect(seen.filter((content) => !contents.includes(content))).toEqual([])
    expect(fs.readdirSync(dir)).toEqual(["file"])
  }),
)

it.scopedLive(
  "disturbed at any operation: the old file or the new one, a typed error, nothing else left",
  () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDirectory
      const attempt = Effect.suspend(() => {
        fs.writeFileSync(`${dir}/file`, "old")
        return replaceFile(`${dir}/file`, "new")
      })
      let disturbed = 0
      yield* sweep(attempt, (disturbance, exit) =>
        Effect.sync(() => {
          disturbed++
          const left = { files: fs.readdirSync(dir), content: fs.readFileSync(`${dir}/file`, "utf8") }
          expect({ ...left, disturbance }).toMatchObject({
            files: ["file"],
            content: Exit.isSuccess(exit) ? "new" : expect.stringMatching(/^(?:old|new)$/),
          })
          if (Exit.isSuccess(exit)) return
          const failure = Cause.isInterruptedOnly(exit.cause) ? "interrupted" : Cause.squash(exit.cause)
          expect(failure).toEqual(expected(disturbance))
        }),
      )
      expect(disturbed).toBe(3 * 4)
    }).pipe(Effect.provide(faulty)),
)

it.scopedLive("a temporary name that somebody has is left to them", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    yield* faults.arm(atOperation(0, Action.FailBefore({ errno: "EEXIST" })))
    yield* replaceFile(`${dir}/file`, "new")
    const operations = yield* faults.disarm
    expect(operations.map(({ name }) => name)).toEqual(["createFile", "createFile", "rename", "flush"])
    expect(operations[0]?.paths).not.toEqual(operations[1]?.paths)
  }).pipe(Effect.provide(faulty)),
)
