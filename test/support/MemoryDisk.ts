import { Clock, Context, Effect, Layer, Option } from "effect"
import { DiskError, LockTimeout } from "../../src/domain/Errors.ts"
import { Disk, type FileInfo } from "../../src/ports/Disk.ts"
import * as MemoryTree from "./MemoryTree.ts"

type DiskService = typeof Disk.Service

/** What a test does and sees behind the back of the port. */
export class MemoryFiles extends Context.Tag("test/MemoryFiles")<
  MemoryFiles,
  {
    /** Writes over a file as an editor does that keeps it: the directory around it doesn't change. */
    readonly overwrite: (path: string, text: string) => Effect.Effect<void, DiskError>
    readonly textOf: (path: string) => Effect.Effect<string, DiskError>
    /** Real paths of the directories that were listed and the files that were read, since the last call. */
    readonly takeReads: Effect.Effect<ReadonlySet<string>>
  }
>() {}

const infoOf = (node: MemoryTree.Node): FileInfo => {
  const size = node.type === "directory" ? 4096 : node.content.length
  return {
    type: node.type,
    size,
    mode: node.mode,
    identity: `1:${node.number}`,
    stamp: `1:${node.number}:${size}:${node.modified}:${node.changed}`,
    modifiedMillis: node.modified,
    changedMillis: node.changed,
    links: 1,
  }
}

const make = (grainMillis: number) => {
  const tree = MemoryTree.make()
  const held = new Set<MemoryTree.Node>()
  const reads = new Set<string>()

  /** One step, at the time that the file system's clock shows. */
  const step = <A>(op: string, path: string, run: (now: number) => A): Effect.Effect<A, DiskError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.suspend(() => {
        const done = MemoryTree.attempt(() => run(Math.floor(now / grainMillis) * grainMillis))
        return done._tag === "Right"
          ? Effect.succeed(done.right)
          : Effect.fail(new DiskError({ path, op, errno: done.left.errno }))
      }),
    )
  const stampAt = (path: string): string | null => {
    const node = tree.find(path)
    return node === undefined ? null : infoOf(node).stamp
  }
  const lockNode = (path: string, now: number) => {
    const node = tree.find(path) ?? tree.create(path, "file", 0o644, now)
    const isFree = !held.has(node)
    if (isFree) held.add(node)
    return { node, isFree }
  }
  const release = (node: MemoryTree.Node) => Effect.sync(() => held.delete(node))
  const unsupported = (op: string) => () => Effect.dieMessage(`a disk in memory has no ${op}`)

  const disk: DiskService = {
    lstat: (path) => step("lstat", path, () => Option.map(Option.fromNullable(tree.find(path)), infoOf)),
    stamps: (paths) => step("lstat", paths[0] ?? "", () => paths.map(stampAt)),
    realPath: (path) => step("realPath", path, () => tree.realPath(path)),
    list: (path, options) =>
      step("list", path, () => {
        // As `readdir` does, which follows a link that took the place of a directory.
        const { entries, real } = tree.list(path, options?.isDirectory === true)
        reads.add(real)
        return entries.map(([name, { type }]) => ({ name, type }))
      }),
    readLink: (path) => step("readLink", path, () => tree.get(path, "symlink").target),
    readFile: (path, options) =>
      step("readFile", path, () => {
        const { content, real } = tree.read(path)
        reads.add(real)
        if (content.length > (options?.maxBytes ?? Infinity)) throw new MemoryTree.Refusal("EFBIG")
        return content.slice()
      }),
    readPiece: unsupported("readPiece"),
    hashFile: unsupported("hashFile"),
    makeDirectory: (path) =>
      step("makeDirectory", path, (now) => void tree.create(path, "directory", 0o755, now)),
    makeDirectories: (path) =>
      step("makeDirectories", path, (now) => Option.fromNullable(tree.createAll(path, now))),
    createFile: (path, content, options) =>
      step("createFile", path, (now) => {
        tree.create(path, "file", options?.mode ?? 0o644, now).content = Buffer.from(content)
      }),
    copyFile: (from, to) =>
      step("copyFile", from, (now) => {
        const { content } = tree.read(from)
        tree.create(to, "file", 0o644, now).content = content
      }),
    copyPiece: unsupported("copyPiece"),
    setModified: unsupported("setModified"),
    makeLink: (target, path) =>
      step("makeLink", path, (now) => {
        tree.create(path, "symlink", 0o777, now).target = target
      }),
    setMode: (path, mode) =>
      step("setMode", path, (now) => {
        const node = tree.get(path)
        node.mode = mode
        node.changed = now
      }),
    append: (path, content) =>
      step("append", path, (now) => {
        const node = tree.find(path) ?? tree.create(path, "file", 0o644, now)
        tree.write(node, Buffer.concat([node.content, Buffer.from(content)]), now)
      }),
    flush: () => Effect.void,
    rename: (from, to) => step("rename", from, (now) => tree.rename(from, to, now)),
    renameNew: (from, to) =>
      step("renameNew", from, (now) => {
        if (tree.find(to) !== undefined) throw new MemoryTree.Refusal("EEXIST")
        tree.rename(from, to, now)
      }),
    removeFile: (path) => step("removeFile", path, (now) => tree.remove(path, "file", now)),
    removeDirectory: (path) => step("removeDirectory", path, (now) => tree.remove(path, "directory", now)),
    freeBytes: () => Effect.succeed(2 ** 40),
    lock: (path) =>
      Effect.acquireRelease(
        Effect.flatMap(
          step("lock", path, (now) => lockNode(path, now)),
          ({ isFree, node }) =>
            isFree ? Effect.succeed(node) : Effect.fail(new LockTimeout({ path, waitedMillis: 0 })),
        ),
        release,
      ),
    tryLock: (path) =>
      Effect.acquireRelease(
        step("tryLock", path, (now) => {
          if (tree.find(path) === undefined) return null
          const { isFree, node } = lockNode(path, now)
          return isFree ? node : null
        }),
        (node) => (node === null ? Effect.void : release(node)),
      ).pipe(Effect.map((node) => node !== null)),
  }

  const files = MemoryFiles.of({
    overwrite: (path, text) =>
      step("write", path, (now) => tree.write(tree.get(path, "file"), Buffer.from(text), now)),
    textOf: (path) => step("readFile", path, () => tree.get(path, "file").content.toString("utf8")),
    takeReads: Effect.sync(() => {
      const taken = new Set(reads)
      reads.clear()
      return taken
    }),
  })
  return Context.make(Disk, disk).pipe(Context.add(MemoryFiles, files))
}

/**
 * A disk in memory with the rights of an owner who isn't root, whose clock is the fiber's and shows times as coarsely
 * as it is told. Numbers of files are used again at once. What renames a file leaves its own times alone.
 */
export const layer = (options: { readonly grainMillis: number }): Layer.Layer<Disk | MemoryFiles> =>
  Layer.effectContext(Effect.sync(() => make(options.grainMillis)))
