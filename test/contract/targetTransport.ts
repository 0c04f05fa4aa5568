import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Option, Ref, type Scope } from "effect"
import * as FC from "effect/FastCheck"
import type { SyncFailure } from "../../src/domain/SyncFailure.ts"
import type { Parcel, ParcelProgress, TargetTransport } from "../../src/ports/SyncTransport.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { hostileNames, parcelOf, plant, sha256, treeOf } from "./targetTrees.ts"

/** A target to try a transport on, and a way to its files that isn't the transport's. */
export interface TargetRoom {
  readonly transport: TargetTransport
  /** Files as SHA-256, folders as `folder`, by their paths below the root. */
  readonly look: Effect.Effect<Readonly<Record<string, string>>>
  readonly put: (path: string, bytes: Uint8Array) => Effect.Effect<void>
  /** One byte is another one then; size and modification time are the same. */
  readonly flip: (path: string) => Effect.Effect<void>
}

export interface ContractLimits {
  /** How many small files are sent at once. */
  readonly many: number
  /** Bytes of the large file; null: none is sent, since the target is no file system. */
  readonly large: number | null
  /** Random trees that are tried; 15 unless said. */
  readonly runs?: number
  /** Names that can't be sent. */
  readonly without?: RegExp
}

const quiet = () => Effect.void

/** How a call failed; `none` when it didn't. */
export const classOf = <A>(call: Effect.Effect<A, SyncFailure>): Effect.Effect<string> =>
  Effect.match(call, { onFailure: (failure) => failure.class, onSuccess: () => "none" })

const final = "PROJ-0001/Run_2026-11-22T10-00-00"
const waiting = ".exlab-incoming/job-1"

/** Without what belongs to the target itself. */
const contentsAt = (
  place: string,
  seen: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(seen)
      .filter(([path]) => path.startsWith(`${place}/`))
      .map(([path, what]) => [path.slice(place.length + 1), what]),
  )

const digestsOf = (tree: Readonly<Record<string, string>>) =>
  new Map(Object.entries(tree).filter(([, what]) => what !== "folder"))

const bytes = (text: string): Uint8Array => Buffer.from(text)

/** What every transport must do: run against each adapter of the port. */
export const targetTransportContract = (
  make: Effect.Effect<TargetRoom, never, Scope.Scope>,
  { large, many, runs = 15, without }: ContractLimits,
): void => {
  const isSendable = (path: string): boolean => without === undefined || !without.test(path)
  const names = hostileNames.filter(isSendable)

  const on = (
    title: string,
    test: (room: TargetRoom, source: string) => Effect.Effect<void, SyncFailure, Scope.Scope>,
  ) =>
    it.scopedLive(
      title,
      () =>
        Effect.gen(function* () {
          const room = yield* make
          yield* room.transport.writeMarker("the-target")
          yield* test(room, yield* temporaryDirectory)
        }),
      120_000,
    )

  const sendTo = ({ transport }: TargetRoom, source: string, to: string, part?: Partial<Parcel>) =>
    transport.send({ ...parcelOf(source, to), ...part }, quiet)

  /** Everything arrives where it shall, with these bytes. */
  const arrives = (room: TargetRoom, source: string, to: string) =>
    Effect.gen(function* () {
      yield* sendTo(room, source, to)
      const here = treeOf(source)
      expect(contentsAt(to, yield* room.look)).toEqual(here)
      const found = yield* room.transport.digests(to, [...digestsOf(here).keys()])
      expect(found).toEqual(digestsOf(here))
    })

  it.scopedLive("a marker is what was written, and nothing before", () =>
    Effect.gen(function* () {
      const { transport } = yield* make
      expect(yield* transport.readMarker).toEqual(Option.none())
      yield* transport.writeMarker("target-1")
      expect(yield* transport.readMarker).toEqual(Option.some("target-1"))
      yield* transport.writeMarker("target-2")
      expect(yield* transport.readMarker).toEqual(Option.some("target-2"))
    }),
  )

  it.scopedLive("nothing is changed where the marker is missing", () =>
    Effect.gen(function* () {
      const room = yield* make
      yield* room.put(`${waiting}/there`, bytes("there"))
      const before = yield* room.look
      const source = yield* temporaryDirectory
      plant(source, { a: "1" })
      expect(yield* classOf(sendTo(room, source, waiting))).toBe("target_away")
      expect(yield* classOf(room.transport.publish(waiting, final))).toBe("target_away")
      expect(yield* classOf(room.transport.discard(waiting))).toBe("target_away")
      expect(yield* room.look).toEqual(before)
    }),
  )

  it.scopedLive("the tools are there", () => Effect.flatMap(make, ({ transport }) => transport.check))

  on("a file arrives", (room, source) => {
    plant(source, { "a.txt": "hello" })
    return arrives(room, source, waiting)
  })

  on("a parcel of nothing makes its folder, which can be published", (room, source) =>
    Effect.gen(function* () {
      yield* sendTo(room, source, waiting)
      expect(yield* room.transport.exists(waiting)).toBe(true)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect([seen[waiting], seen[final]]).toEqual([undefined, "folder"])
    }),
  )

  on("empty folders and empty files arrive", (room, source) => {
    plant(source, { "empty/": "", "deep/er/": "", "nothing.txt": "", "deep/file": "" })
    return arrives(room, source, waiting)
  })

  on("files arrive under every name that a file can have", (room, source) => {
    plant(source, Object.fromEntries(names.map((name, index) => [name, `content ${index}`])))
    return arrives(room, source, waiting)
  })

  on("folders can have every name, too", (room, source) => {
    plant(source, Object.fromEntries(names.map((name, index) => [`${name}/data 1`, `in ${index}`])))
    plant(source, Object.fromEntries(names.map((name) => [`empty/${name}/`, ""])))
    return arrives(room, source, waiting)
  })

  on("a publication keeps every name", (room, source) =>
    Effect.gen(function* () {
      plant(source, Object.fromEntries(names.map((name, index) => [`${name}/${name}`, `in ${index}`])))
      yield* arrives(room, source, waiting)
      yield* room.put(`${final}/older`, bytes("older"))
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({ ...treeOf(source), older: sha256(bytes("older")) })
      expect(contentsAt(waiting, seen)).toEqual({})
    }),
  )

  on(`${many} small files arrive`, (room, source) => {
    const names = Array.from({ length: many }, (_, index) => `d${index % 50}/f${index}`)
    plant(source, Object.fromEntries(names.map((name, index) => [name, `number ${index}`])))
    return arrives(room, source, waiting)
  })

  on("read-only files and folders arrive, and can be published", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "locked/file": "x", "locked/deeper/file": "y" })
      const paths = ["locked/file", "locked/deeper/file", "locked/deeper", "locked"]
      for (const path of paths) fs.chmodSync(join(source, path), path.endsWith("file") ? 0o444 : 0o555)
      yield* arrives(room, source, waiting)
      yield* arrives(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      expect(contentsAt(final, yield* room.look)).toEqual(treeOf(source))
    }),
  )

  on("progress grows to everything that was to be sent", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "a/1": "x".repeat(100_000), "a/2": "y".repeat(50_000), "b/3": "z" })
      const reports = yield* Ref.make<ReadonlyArray<ParcelProgress>>([])
      const report = (one: ParcelProgress) => Ref.update(reports, (before) => [...before, one])
      yield* room.transport.send(parcelOf(source, waiting), report)
      const seen = yield* Ref.get(reports)
      const grows = (key: "bytes" | "files") =>
        seen.every((one, index) => index === 0 || one[key] >= (seen[index - 1]?.[key] ?? 0))
      expect(grows("bytes")).toBe(true)
      expect(grows("files")).toBe(true)
      expect(seen.at(-1)).toMatchObject({ bytes: 150_001, files: 3 })
    }),
  )

  on("what was damaged there is replaced, also when size and time don't show it", (room, source) =>
    Effect.gen(function* () {
      plant(source, { good: "good", bad: "not so good", cut: "long enough", "-d/bad": "bad, too" })
      yield* sendTo(room, source, final)
      yield* room.flip(`${final}/bad`)
      yield* room.flip(`${final}/-d/bad`)
      yield* room.put(`${final}/cut`, bytes("long"))
      const found = yield* room.transport.digests(final, ["good", "bad"])
      expect(found.get("good")).toBe(treeOf(source)["good"])
      expect(found.get("bad")).not.toBe(treeOf(source)["bad"])
      yield* arrives(room, source, final)
    }),
  )

  on("what a parcel doesn't name stays as it is, here and there", (room, source) =>
    Effect.gen(function* () {
      plant(source, { "a/named": "new", "a/unnamed": "not sent", "b/c": "not sent" })
      yield* room.put(`${final}/a/named`, bytes("old"))
      yield* room.put(`${final}/a/there`, bytes("there"))
      yield* room.put("PROJ-0002/x", bytes("elsewhere"))
      const before = treeOf(source)
      yield* sendTo(room, source, final, { files: [{ path: "a/named", size: 3 }], directories: ["a"] })
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({
        a: "folder",
        "a/named": sha256(bytes("new")),
        "a/there": sha256(bytes("there")),
      })
      expect(seen["PROJ-0002/x"]).toBe(sha256(bytes("elsewhere")))
      expect(treeOf(source)).toEqual(before)
      expect(yield* room.transport.readMarker).toEqual(Option.some("the-target"))
    }),
  )

  on("digests are those of files that are there, and of nothing else", (room) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/here`, bytes("here"))
      yield* room.put(`${final}/folder/x`, bytes("x"))
      const asked = ["here", "folder", "absent", "folder/absent", "here/below", "folder/x", "line\nbreak"]
      expect(yield* room.transport.digests(final, asked)).toEqual(
        new Map([
          ["here", sha256(bytes("here"))],
          ["folder/x", sha256(bytes("x"))],
        ]),
      )
      expect(yield* room.transport.digests("PROJ-0404/Run", ["a"])).toEqual(new Map())
      expect(yield* room.transport.digests(final, [])).toEqual(new Map())
    }),
  )

  on("what is there is known", (room) =>
    Effect.gen(function* () {
      yield* room.put(`${final}/file`, bytes("x"))
      expect(yield* room.transport.exists(final)).toBe(true)
      expect(yield* room.transport.exists(`${final}/file`)).toBe(true)
      expect(yield* room.transport.exists(`${final}/fil`)).toBe(false)
      expect(yield* room.transport.exists("PROJ-0404")).toBe(false)
      expect(yield* room.transport.exists("PROJ-0404/Run")).toBe(false)
    }),
  )

  on("a folder is published to where nothing is, with everything in it", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1", "b/c": "2", "empty/er/": "" })
      yield* sendTo(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual(treeOf(source))
      expect(seen[waiting]).toBeUndefined()
      expect(yield* room.transport.exists(waiting)).toBe(false)
      yield* room.transport.publish(waiting, final)
      expect(yield* room.look).toEqual(seen)
    }),
  )

  on("a folder that is published over another replaces files of the same name, and no more", (room, source) =>
    Effect.gen(function* () {
      plant(source, { same: "new", "folder/same": "new", "folder/new": "n", "empty/": "" })
      yield* room.put(`${final}/same`, bytes("old"))
      yield* room.put(`${final}/folder/same`, bytes("old"))
      yield* room.put(`${final}/folder/old`, bytes("o"))
      yield* sendTo(room, source, waiting)
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual({ ...treeOf(source), "folder/old": sha256(bytes("o")) })
      expect(seen[waiting]).toBeUndefined()
    }),
  )

  on("a publication that was interrupted is finished by the next", (room, source) =>
    Effect.gen(function* () {
      const names = Array.from({ length: 60 }, (_, index) => `d${index % 7}/f${index}`)
      plant(source, Object.fromEntries(names.map((name) => [name, `new ${name}`])))
      yield* sendTo(room, source, waiting)
      yield* room.put(`${final}/d0/f0`, bytes("old"))
      for (const pause of [1, 20, 60, 150]) {
        const publishing = yield* Effect.fork(room.transport.publish(waiting, final))
        yield* Effect.sleep(pause)
        yield* Fiber.interrupt(publishing)
        const seen = yield* room.look
        for (const name of names) {
          const found = [seen[`${waiting}/${name}`], seen[`${final}/${name}`]]
          expect(found).toContain(sha256(bytes(`new ${name}`)))
        }
      }
      yield* room.transport.publish(waiting, final)
      const seen = yield* room.look
      expect(contentsAt(final, seen)).toEqual(treeOf(source))
      expect(seen[waiting]).toBeUndefined()
    }),
  )

  on(
    "a transfer that was interrupted is finished by the next, and no name stands for half a file",
    (room, source) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 20 }, (_, index) => `d${index % 3}/f${index}`)
        plant(source, Object.fromEntries(names.map((name) => [name, name.repeat(20_000)])))
        const here = treeOf(source)
        for (const pause of [1, 40, 100, 200]) {
          const sending = yield* Effect.fork(sendTo(room, source, final, { bytesPerSecond: 2_000_000 }))
          yield* Effect.sleep(pause)
          yield* Fiber.interrupt(sending)
          const seen = contentsAt(final, yield* room.look)
          for (const name of names) expect([undefined, here[name]]).toContain(seen[name])
        }
        yield* arrives(room, source, final)
      }),
  )

  on("what is discarded is gone, and nothing else", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1", "b/c": "2" })
      yield* sendTo(room, source, waiting)
      yield* sendTo(room, source, `${waiting}0`)
      yield* room.transport.discard(waiting)
      expect(yield* room.transport.exists(waiting)).toBe(false)
      expect(contentsAt(`${waiting}0`, yield* room.look)).toEqual(treeOf(source))
      yield* room.transport.discard(waiting)
      expect(yield* classOf(room.transport.discard(final))).toBe("permanent")
    }),
  )

  on("nothing leads out of the root", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1" })
      const { transport } = room
      const attempts = [
        sendTo(room, source, "../x"),
        sendTo(room, source, waiting, { files: [{ path: "../a", size: 1 }] }),
        sendTo(room, source, waiting, { directories: ["a/../../b"] }),
        transport.digests("..", ["a"]),
        transport.digests(final, ["/etc/passwd"]),
        transport.exists("a/../../b"),
        transport.publish("../a", final),
        transport.publish(waiting, "a/./b"),
        transport.discard(".exlab-incoming/../PROJ-0001"),
        transport.discard(".exlab-incoming/"),
      ]
      for (const attempt of attempts) {
        expect(yield* classOf<unknown>(attempt)).toBe("permanent")
      }
    }),
  )

  on("a file that isn't there any more is said to be", (room, source) =>
    Effect.gen(function* () {
      plant(source, { a: "1" })
      const files = [
        { path: "a", size: 1 },
        { path: "gone", size: 1 },
      ]
      expect(yield* classOf(sendTo(room, source, waiting, { files }))).toBe("source_changed")
    }),
  )

  if (large !== null) {
    on(`a file of ${large / 2 ** 20} MiB with holes arrives`, (room, source) =>
      Effect.gen(function* () {
        const file = join(source, "large")
        fs.writeFileSync(file, "begin")
        const fd = fs.openSync(file, "r+")
        fs.writeSync(fd, "end", large - 3)
        fs.closeSync(fd)
        yield* arrives(room, source, waiting)
      }),
    )
  }

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

/** Whether a path and one of a tree can't both be. */
const clashes = (path: string, tree: Readonly<Record<string, string>>): boolean =>
  Object.keys(tree).some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))

/** A room whose target is a folder that can be reached here. */
export const folderRoom = (transport: TargetTransport, root: string): TargetRoom => ({
  transport,
  look: Effect.sync(() => treeOf(root)),
  put: (path, content) =>
    Effect.sync(() => {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true })
      fs.writeFileSync(join(root, path), content)
    }),
  flip: (path) =>
    Effect.sync(() => {
      const file = join(root, path)
      const { atime, mtime } = fs.statSync(file)
      const content = fs.readFileSync(file)
      content[0] = (content[0] ?? 0) ^ 1
      fs.writeFileSync(file, content)
      fs.utimesSync(file, atime, mtime)
    }),
})
