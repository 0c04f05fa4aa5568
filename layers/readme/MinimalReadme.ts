import { Effect, Layer } from "effect"
import { Disk } from "../../src/ports/Disk.ts"
import { ReadmeGenerator } from "../../src/ports/ReadmeGenerator.ts"
import { coreReadme, readmeDigest, writeReadme } from "./readmeFields.ts"

/** A README with the core fields and nothing else. */
export const layer: Layer.Layer<ReadmeGenerator, never, Disk> = Layer.effect(
  ReadmeGenerator,
  Effect.map(Disk, (disk) => ({
    generate: Effect.fn("ReadmeGenerator.generate")((directory, context) =>
      writeReadme(disk, directory, (now) => coreReadme(context, now)),
    ),
    digest: readmeDigest,
  })),
)
