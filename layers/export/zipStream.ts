import { PassThrough } from "node:stream"
import { NodeStream } from "@effect/platform-node"
import { Chunk, DateTime, Effect, Stream } from "effect"
import { ZipFile } from "yazl"

/** What an archive says of an entry besides its name. */
export interface ZipEntry {
  /** `/` between segments. */
  readonly path: string
  readonly modifiedMillis: number
  /** Permission bits. */
  readonly mode: number
}

/** An archive that is being written: entries one after the other. */
export interface Zip {
  readonly addDirectory: (entry: ZipEntry) => Effect.Effect<void>
  /** The content is whatever `fill` puts into it. */
  readonly addFile: <A, E, R>(
    entry: ZipEntry,
    fill: (put: (bytes: Uint8Array) => Effect.Effect<void>) => Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E, R>
}

const regularFile = 0o100000
const directory = 0o040000

/** Data of instruments are large: most of what there is to be gained, at several times the speed of the default. */
const compressionLevel = 1

/** Buffers of a stream that are written at once. */
const atOnce = 64

const dateOf = (millis: number) => DateTime.toDate(DateTime.unsafeMake(millis))

/** Waits until the stream has room again. */
const putInto =
  (stream: PassThrough) =>
  (bytes: Uint8Array): Effect.Effect<void> =>
    Effect.async<void>((resume) => void stream.write(bytes, () => resume(Effect.void)))

const zipOf = (zip: ZipFile): Zip => ({
  addDirectory: ({ mode, modifiedMillis, path }) =>
    Effect.sync(() => zip.addEmptyDirectory(path, { mtime: dateOf(modifiedMillis), mode: directory | mode })),
  addFile: ({ mode, modifiedMillis, path }, fill) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const content = new PassThrough()
        const options = { mtime: dateOf(modifiedMillis), mode: regularFile | mode, compressionLevel }
        zip.addReadStream(content, path, options)
        return content
      }),
      (content) => Effect.tap(fill(putInto(content)), () => Effect.sync(() => content.end())),
      (content, exit) => (exit._tag === "Success" ? Effect.void : Effect.sync(() => void content.destroy())),
    ),
})

/**
 * Writes a zip in bounded memory: `fill` says what is in it, `write` gets its bytes, in order. ZIP64 where it is
 * needed, names in UTF-8.
 */
export const writeZip = <A, E, R, E2, R2>(
  fill: (zip: Zip) => Effect.Effect<A, E, R>,
  write: (bytes: Uint8Array) => Effect.Effect<void, E2, R2>,
): Effect.Effect<A, E | E2, R | R2> =>
  Effect.suspend(() => {
    const zip = new ZipFile()
    const filled = Effect.tap(fill(zipOf(zip)), () => Effect.sync(() => zip.end()))
    // It compresses what it is given, and that can't fail.
    const written = NodeStream.fromReadable<unknown, Uint8Array>(
      () => zip.outputStream,
      (error) => error,
    ).pipe(
      Stream.orDie,
      Stream.rechunk(atOnce),
      Stream.chunks,
      Stream.runForEach((buffers) => write(Buffer.concat(Chunk.toReadonlyArray(buffers)))),
    )
    return Effect.map(Effect.all([filled, written], { concurrency: 2 }), ([result]) => result)
  })
