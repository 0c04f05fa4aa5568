import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { Effect, Either } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { together } from "../../disk/together.ts"
import { compile, constantProgram, unsound } from "../language/compile.ts"
import type { Compiled } from "../language/Program.ts"
import { sourceLimits } from "../language/scanSource.ts"
import { type Problem, problem } from "../problems.ts"
import { nameOf, type TemplateFile, type WalkedFile } from "./TemplateTree.ts"

/** What all texts of one template may hold together. */
const textLimits = { bytes: 64 * 1024 * 1024, expressions: 500_000 } as const

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex")

const isRendered = ({ role, path }: WalkedFile): boolean =>
  path.endsWith(".hbs") && (role === "text" || role === "partial" || role === "body")

/** A file's text as a program; a body that isn't an expression is its own text. */
const compileText = (file: WalkedFile, content: Uint8Array): Compiled => {
  if (!isUtf8(content))
    return Either.left(unsound(problem("file_unreadable", file.path, 0, "is not UTF-8 text")))
  const text = Buffer.from(content).toString("utf8")
  if (text.includes("\0"))
    return Either.left(unsound(problem("file_unreadable", file.path, 0, "holds NUL characters")))
  if (isRendered(file)) return compile(text, { file: file.path, partial: file.role === "partial" })
  return Either.right(constantProgram(text, file.path))
}

/** The name that an entry's own name is an expression for. */
export const compileName = (path: string, rendered: boolean): Compiled => {
  const name = nameOf(path)
  return compile(rendered ? name.slice(0, -".hbs".length) : name, { file: path })
}

const tooLarge = (path: string): Problem =>
  problem("limit_exceeded", path, 0, `is larger than ${sourceLimits.bytes} bytes, too large to be rendered`)

const readText = (disk: typeof Disk.Service, file: WalkedFile): Effect.Effect<TemplateFile, DiskError> => {
  const name = compileName(file.path, file.role === "text")
  return disk.readFile(file.realPath, { maxBytes: sourceLimits.bytes }).pipe(
    Effect.map((content): TemplateFile => ({
      ...file,
      sha256: sha256(content),
      text: compileText(file, content),
      name,
    })),
    Effect.catchIf(
      ({ errno }) => errno === "EFBIG",
      () => Effect.succeed({ ...file, sha256: "", text: Either.left(unsound(tooLarge(file.path))), name }),
    ),
  )
}

const isTextual = (file: WalkedFile): boolean => isRendered(file) || file.role === "body"

const readFile = (disk: typeof Disk.Service, file: WalkedFile): Effect.Effect<TemplateFile, DiskError> =>
  isTextual(file)
    ? readText(disk, file)
    : Effect.map(disk.hashFile(file.realPath), (sha256) => ({
        ...file,
        sha256,
        text: null,
        name: compileName(file.path, false),
      }))

/** What was read of it still holds. */
export const isSame = (known: TemplateFile, file: WalkedFile): boolean =>
  known.settled && known.stamp === file.stamp && known.role === file.role && known.realPath === file.realPath

/** What was compiled stays as it is where the content is the same. */
const reuse = (known: TemplateFile | undefined, read: TemplateFile): TemplateFile =>
  known !== undefined && known.sha256 === read.sha256 && known.role === read.role
    ? { ...read, text: known.text, name: known.name }
    : read

export const expressionsOf = ({ text, name }: TemplateFile): number =>
  [text, name].reduce(
    (sum, part) => sum + (part !== null && Either.isRight(part) ? part.right.expressions : 0),
    0,
  )

const refused = (file: WalkedFile, message: string): TemplateFile => ({
  ...file,
  sha256: "",
  text: Either.left(unsound(problem("limit_exceeded", file.path, 0, message))),
  name: compileName(file.path, file.role === "text"),
})

/** Counts the expressions of all files and refuses what goes beyond the limit. */
const accountant = () => {
  let expressions = 0
  const full = () => expressions > textLimits.expressions
  const refusal = `the template has more than ${textLimits.expressions} expressions`
  return {
    isFull: (file: WalkedFile): boolean => full() && isTextual(file),
    refuse: (file: WalkedFile): TemplateFile => refused(file, refusal),
    add: (file: TemplateFile): TemplateFile => {
      expressions += expressionsOf(file)
      return full() && isTextual(file) ? refused(file, refusal) : file
    },
  }
}

/** Reads the files that aren't known yet, or may have changed since. */
export const readContents = (
  disk: typeof Disk.Service,
  files: ReadonlyArray<WalkedFile>,
  known: ReadonlyMap<string, TemplateFile>,
): Effect.Effect<ReadonlyArray<TemplateFile>, DiskError> =>
  Effect.suspend(() => {
    const { isFull, refuse, add } = accountant()
    const readOne = (file: WalkedFile): Effect.Effect<TemplateFile, DiskError> => {
      const before = known.get(file.path)
      if (before !== undefined && isSame(before, file)) return Effect.succeed(add(before))
      if (isFull(file)) return Effect.succeed(refuse(file))
      return Effect.map(readFile(disk, file), (read) => add(reuse(before, read)))
    }
    return together(files, readOne)
  })

/** Why a template's texts are too much to be kept in memory; null when they aren't. */
export const textProblem = (files: ReadonlyArray<WalkedFile>): Problem | null => {
  const bytes = files.filter(isTextual).reduce((sum, { size }) => sum + size, 0)
  return bytes > textLimits.bytes
    ? problem("limit_exceeded", "", 0, `has more than ${textLimits.bytes} bytes of text to render`)
    : null
}
