import { Either } from "effect"
import type { FileType } from "../../src/ports/Disk.ts"

/** A file, a directory or a link. Times are milliseconds since 1970. */
export interface Node {
  /** Like an inode's: used again when it is free. */
  readonly number: number
  readonly type: FileType
  readonly children: Map<string, Node>
  content: Buffer
  target: string
  mode: number
  modified: number
  changed: number
}

/** What a system call refuses with. */
export class Refusal extends Error {
  readonly errno: string
  constructor(errno: string) {
    super(errno)
    this.errno = errno
  }
}

const refuse = (errno: string): never => {
  throw new Refusal(errno)
}

export const attempt = <A>(run: () => A): Either.Either<A, Refusal> =>
  Either.try({
    try: run,
    catch: (error) => {
      if (error instanceof Refusal) return error
      throw error
    },
  })

const maxPath = 4095
const maxName = 255
const maxLinks = 40

interface Place {
  readonly parent: Node
  readonly name: string
  readonly node: Node | undefined
  /** Every link resolved. */
  readonly real: string
}

const need = (node: Node, bits: number): void => {
  if ((node.mode & bits) !== bits) refuse("EACCES")
}

export const make = () => {
  const free: Array<number> = []
  let last = 1
  const nodeOf = (type: FileType, mode: number, now: number): Node => ({
    number: free.pop() ?? ++last,
    type,
    children: new Map(),
    content: Buffer.alloc(0),
    target: "",
    mode,
    modified: now,
    changed: now,
  })
  const root = nodeOf("directory", 0o755, 0)

  const resolve = (path: string, follow: boolean): Place => {
    if (path.includes("\0")) refuse("EINVAL")
    if (Buffer.byteLength(path) > maxPath) refuse("ENAMETOOLONG")
    let rest = path.split("/").filter((name) => name !== "" && name !== ".")
    let place: Place = { parent: root, name: "", node: root, real: "" }
    for (let links = 0; rest.length > 0;) {
      const [name = "", ...others] = rest
      const parent = place.node ?? refuse("ENOENT")
      if (parent.type !== "directory") refuse("ENOTDIR")
      if (Buffer.byteLength(name) > maxName) refuse("ENAMETOOLONG")
      need(parent, 0o100)
      const node = parent.children.get(name)
      rest = others
      if (node?.type === "symlink" && (follow || others.length > 0)) {
        if (++links > maxLinks) refuse("ELOOP")
        const isAbsolute = node.target.startsWith("/")
        rest = [...(isAbsolute ? "" : place.real).split("/"), ...node.target.split("/"), ...others].filter(
          (part) => part !== "",
        )
        place = { parent: root, name: "", node: root, real: "" }
        continue
      }
      place = { parent, name, node, real: `${place.real}/${name}` }
    }
    return place
  }

  const find = (path: string): Node | undefined => {
    const found = attempt(() => resolve(path, false).node)
    if (Either.isRight(found)) return found.right
    // A path below something that isn't a directory names nothing, either.
    if (found.left.errno === "ENOENT" || found.left.errno === "ENOTDIR") return undefined
    throw found.left
  }

  const get = (path: string, type?: FileType): Node => {
    const node = resolve(path, false).node ?? refuse("ENOENT")
    if (type === "symlink" && node.type !== type) refuse("EINVAL")
    if (type === "file" && node.type === "symlink") refuse("ELOOP")
    if (type === "file" && node.type !== type) refuse("EISDIR")
    return node
  }

  const touch = (node: Node, now: number): void => {
    node.modified = now
    node.changed = now
  }

  const put = ({ name, parent }: Place, node: Node, now: number): void => {
    need(parent, 0o300)
    parent.children.set(name, node)
    touch(parent, now)
  }

  const create = (path: string, type: FileType, mode: number, now: number): Node => {
    const place = resolve(path, false)
    if (place.node !== undefined) refuse("EEXIST")
    need(place.parent, 0o300)
    const node = nodeOf(type, mode, now)
    put(place, node, now)
    return node
  }

  const takeOut = ({ name, parent }: Place, now: number): void => {
    need(parent, 0o300)
    parent.children.delete(name)
    touch(parent, now)
  }

  const forget = (node: Node): void => {
    free.push(node.number)
  }

  return {
    find,
    get,
    create,
    realPath: (path: string): string => {
      const { node, real } = resolve(path, true)
      return node === undefined ? refuse("ENOENT") : real
    },
    list: (path: string, follow: boolean) => {
      const { node, real } = resolve(path, follow)
      if (node === undefined) return refuse("ENOENT")
      if (node.type !== "directory") return refuse("ENOTDIR")
      need(node, 0o400)
      const entries = [...node.children].sort(([a], [b]) => (a < b ? -1 : 1))
      return { entries, real }
    },
    read: (path: string) => {
      const node = get(path, "file")
      need(node, 0o400)
      return { content: node.content, real: resolve(path, false).real }
    },
    write: (node: Node, content: Buffer, now: number): void => {
      node.content = content
      touch(node, now)
    },
    /** With its parents; the outermost one that had to be made. */
    createAll: (path: string, now: number) => {
      const names = path.split("/").filter((name) => name !== "")
      const paths = names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)
      const missing = paths.filter(
        (one) => attempt(() => resolve(one, true).node).pipe(Either.getOrUndefined) === undefined,
      )
      for (const one of missing) create(one, "directory", 0o755, now)
      return missing[0]
    },
    rename: (from: string, to: string, now: number): void => {
      const source = resolve(from, false)
      const node = source.node ?? refuse("ENOENT")
      const target = resolve(to, false)
      const there = target.node
      if (there === node) return
      if (there !== undefined) {
        if (node.type === "directory" && there.type !== "directory") refuse("ENOTDIR")
        if (node.type !== "directory" && there.type === "directory") refuse("EISDIR")
        if (there.children.size > 0) refuse("ENOTEMPTY")
      }
      if (`${target.real}/`.startsWith(`${source.real}/`)) refuse("EINVAL")
      need(source.parent, 0o300)
      put(target, node, now)
      takeOut(source, now)
      if (there !== undefined) forget(there)
    },
    remove: (path: string, type: "file" | "directory", now: number): void => {
      const place = resolve(path, false)
      if (place.node === undefined) return
      if (type === "file" && place.node.type === "directory") refuse("EISDIR")
      if (type === "directory" && place.node.type !== "directory") refuse("ENOTDIR")
      if (place.node.children.size > 0) refuse("ENOTEMPTY")
      takeOut(place, now)
      forget(place.node)
    },
  }
}
