import { Either } from "effect"
import { Manifest } from "../../../src/domain/Template.ts"
import { decodeYaml } from "../../yaml/decodeYaml.ts"
import { readYaml, type YamlProblem, type YamlSource } from "../../yaml/readYaml.ts"
import { type Problem, problem, type ProblemCode } from "../problems.ts"

export const manifestFile = "template.yaml"

/** A manifest whose every key and type is right, with the lines on which it says things. */
export interface ManifestSource {
  readonly manifest: Manifest
  readonly lineOf: YamlSource["lineOf"]
}

const decode = decodeYaml(Manifest, "the manifest")

const codes = {
  syntax: "manifest_syntax",
  unknown_key: "unknown_key",
  invalid: "manifest_invalid",
} as const satisfies Record<YamlProblem["kind"], ProblemCode>

const toProblem = ({ kind, line, message }: YamlProblem): Problem =>
  problem(codes[kind], manifestFile, line, message)

/** Reads a manifest's text. All that is wrong with its keys and types comes back at once. */
export const decodeManifest = (text: string): Either.Either<ManifestSource, ReadonlyArray<Problem>> =>
  readYaml(text).pipe(
    Either.flatMap((source) =>
      Either.map(decode(source), (manifest) => ({ manifest, lineOf: source.lineOf })),
    ),
    Either.mapLeft((problems) => problems.map(toProblem)),
  )
