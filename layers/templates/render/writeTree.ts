import { Clock, Effect, Either, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError, TemplateRenderFailed } from "../../../src/domain/Errors.ts"
import type { RenderedFile } from "../../../src/domain/Template.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { RenderProgress } from "../../../src/ports/TemplateEngine.ts"
import { together } from "../../disk/together.ts"
import { evaluate } from "../language/evaluation.ts"
import { answersFile } from "../tree/nameProblems.ts"
import { sha256 } from "../tree/readContents.ts"
import type { TemplateFile } from "../tree/TemplateTree.ts"
import { type PlannedFile, renderFailed, type TreePlan } from "./planTree.ts"
import type { Rendering } from "./Rendering.ts"

/** What is rendered and then written side by side. */
const batch = { files: 16, bytes: 4 * 1024 * 1024 } as const

type Failure = TemplateRenderFailed | DiskError

/** A file that is ready to be written. */
type Ready =
  | {
      readonly _tag: "Text"
      readonly path: string
      readonly source: string | null
      readonly bytes: Buffer
      readonly mode: number | null
    }
  | { readonly _tag: "Copy"; readonly path: string; readonly file: TemplateFile }

interface Writing {
  readonly disk: typeof Disk.Service
  readonly rendering: Rendering
  /** Absolute; exists and is empty. */
  readonly destination: string
  /** Bytes that may still be written. */
  left: number
}

export const limitReason = (what: string, bytes: number): string =>
  `${what} grows beyond the limit of ${bytes} bytes`

/** The text of a file, within what one file and the whole tree may hold. */
export const renderText = (
  rendering: Rendering,
  file: TemplateFile,
  left: number,
): Either.Either<Buffer, TemplateRenderFailed> => {
  const { text, path } = file
  if (text === null || Either.isLeft(text))
    return Either.left(renderFailed(rendering, path, "can't be parsed"))
  const { maxFileBytes, maxTotalBytes } = rendering.limits
  const maxLength = Math.min(maxFileBytes, left)
  const rendered = evaluate(text.right, rendering.variables, {
    maxLength: maxFileBytes,
    ...rendering.evaluation,
  })
  if (Either.isLeft(rendered)) {
    const { file: place, line, message } = rendered.left
    return Either.left(renderFailed(rendering, place, message, line))
  }
  const bytes = Buffer.from(rendered.right, "utf8")
  if (bytes.length <= maxLength) return Either.right(bytes)
  const reason =
    bytes.length > maxFileBytes
      ? limitReason("the output", maxFileBytes)
      : limitReason("the tree", maxTotalBytes)
  return Either.left(renderFailed(rendering, path, reason))
}

/** Scripts stay executable; other texts get the mode that the service gives to its files. */
const modeOf = ({ mode }: TemplateFile): number | null => ((mode & 0o111) === 0 ? null : 0o755)

const prepare = (
  writing: Writing,
  { path, file }: PlannedFile,
): Either.Either<Ready, TemplateRenderFailed> => {
  if (file.role === "copy") return Either.right({ _tag: "Copy", path, file })
  return Either.map(renderText(writing.rendering, file, writing.left), (bytes) => {
    writing.left -= bytes.length
    return { _tag: "Text", path, source: file.path, bytes, mode: modeOf(file) }
  })
}

const changed = ({ rendering }: Writing, { path }: TemplateFile): TemplateRenderFailed =>
  renderFailed(rendering, path, "has changed since the template was checked; try again")

const isAsChecked = (writing: Writing, file: TemplateFile): Effect.Effect<boolean, DiskError> =>
  Effect.map(
    writing.disk.lstat(file.realPath),
    Option.exists(({ stamp }) => stamp === file.stamp),
  )

/**
 * Copies a file and looks afterwards whether it still is the one that was checked. Where its stamp can't
 * be trusted, what was copied is compared.
 */
const copy = (writing: Writing, file: TemplateFile, target: string): Effect.Effect<void, Failure> => {
  const unlessChanged = (same: boolean) => (same ? Effect.void : Effect.fail(changed(writing, file)))
  const compare = Effect.map(writing.disk.hashFile(target), (hash) => hash === file.sha256)
  return writing.disk.copyFile(file.realPath, target).pipe(
    // Of a file that is gone or replaced, that is what to say, not that it can't be read.
    Effect.tapError(() =>
      Effect.flatMap(
        Effect.orElseSucceed(isAsChecked(writing, file), () => true),
        unlessChanged,
      ),
    ),
    Effect.zipRight(Effect.flatMap(isAsChecked(writing, file), unlessChanged)),
    Effect.zipRight(file.settled ? Effect.void : Effect.flatMap(compare, unlessChanged)),
  )
}

const write = (writing: Writing, ready: Ready): Effect.Effect<RenderedFile, Failure> => {
  const target = joinPath(writing.destination, ready.path)
  if (ready._tag === "Copy") {
    const { size, sha256, path: source } = ready.file
    return Effect.as(copy(writing, ready.file, target), {
      path: ready.path,
      origin: "copied",
      size,
      sha256,
      source,
    })
  }
  const { path, bytes, source, mode } = ready
  return Effect.as(writing.disk.createFile(target, bytes, mode === null ? {} : { mode }), {
    path,
    origin: "rendered",
    size: bytes.length,
    sha256: sha256(bytes),
    source,
  })
}

/** Others get their turn after so many milliseconds of rendering, and an interruption is heeded. */
export const turnMillis = 10

/** The next files from an index on, as many as are written side by side. */
const nextBatch = Effect.fnUntraced(function* (
  writing: Writing,
  files: ReadonlyArray<PlannedFile>,
  from: number,
) {
  const ready: Array<Ready> = []
  const enough = writing.left - batch.bytes
  const started = yield* Clock.currentTimeMillis
  for (const planned of files.slice(from, from + batch.files)) {
    ready.push(yield* prepare(writing, planned))
    if (writing.left < enough) break
    if ((yield* Clock.currentTimeMillis) - started > turnMillis) {
      yield* Effect.yieldNow()
      break
    }
  }
  return ready
})

export const copiedBytes = ({ files }: TreePlan): number =>
  files.reduce((sum, { file }) => sum + (file.role === "copy" ? file.size : 0), 0)

/** Makes directories and files. Results and progress come in the order of the plan. */
export const writeTree = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  rendering: Rendering,
  plan: TreePlan,
  answers: string,
  destination: string,
  progress: RenderProgress,
) {
  const { maxTotalBytes } = rendering.limits
  const answersBytes = Buffer.from(answers, "utf8")
  const writing: Writing = {
    disk,
    rendering,
    destination,
    left: maxTotalBytes - copiedBytes(plan) - answersBytes.length,
  }
  if (writing.left < 0) return yield* renderFailed(rendering, "", limitReason("the tree", maxTotalBytes))
  const total = plan.files.length + 1
  const written: Array<RenderedFile> = []
  const done = (file: RenderedFile) => Effect.suspend(() => progress(written.push(file), total, file.path))
  yield* Effect.forEach(plan.directories, (path) => disk.makeDirectory(joinPath(destination, path)), {
    discard: true,
  })
  yield* done(
    yield* write(writing, { _tag: "Text", path: answersFile, source: null, bytes: answersBytes, mode: null }),
  )
  while (written.length < total) {
    const ready = yield* nextBatch(writing, plan.files, written.length - 1)
    const files = yield* together(ready, (file) => write(writing, file))
    yield* Effect.forEach(files, done, { discard: true })
  }
  return written
})
