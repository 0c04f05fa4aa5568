import { Array, Either } from "effect"
import type { Json, JsonObject } from "../../../src/domain/Json.ts"
import { PluginManifest, supportedApiVersions } from "../../../src/domain/PluginManifest.ts"
import { decodeYaml } from "../../yaml/decodeYaml.ts"
import { readYaml, type YamlProblem, type YamlSource } from "../../yaml/readYaml.ts"

export const manifestFile = "manifest.yaml"

/** A reason to leave a plugin out, with its place in the manifest; line 0 is the whole of it. */
export const reasonAt = (line: number, message: string): string =>
  `${manifestFile}${line === 0 ? "" : `:${line}`} ${message}`

/** A plugin's manifest whose every key and type is right, with the lines on which it says things. */
export interface PluginManifestSource {
  readonly manifest: PluginManifest
  readonly lineOf: YamlSource["lineOf"]
}

const decode = decodeYaml(PluginManifest, "the manifest")

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !globalThis.Array.isArray(value)

const noKeys = "the manifest must be keys with values"

/** The key that belongs to each runtime, and to no other. */
const ownKeys = { node: "entry", command: "command" } as const

const isRuntime = (value: Json | undefined): value is keyof typeof ownKeys =>
  value === "node" || value === "command"

const invalid = (line: number, message: string): YamlProblem => ({ kind: "invalid", line, message })

/** A manifest of another version may mean anything: nothing else is said about it. */
const versionProblem = ({ lineOf }: YamlSource, { api_version: version }: JsonObject): YamlProblem | null => {
  // Without quotes it is a number: that is another mistake.
  const isSupported = supportedApiVersions.some((supported) => supported === String(version))
  if (version === undefined || isSupported) return null
  const supported = supportedApiVersions.join(", ")
  return invalid(
    lineOf(["api_version"]),
    `api_version ${JSON.stringify(version)} isn't supported; this service supports ${supported}`,
  )
}

const runtimeProblem = ({ lineOf }: YamlSource, { runtime }: JsonObject): YamlProblem =>
  invalid(
    lineOf(["runtime"]),
    runtime === undefined
      ? "runtime is missing: it is node or command"
      : `runtime must be node or command, not ${JSON.stringify(runtime).slice(0, 80)}`,
  )

/** A manifest may keep the other runtime's key, as one does who tries both. */
const forRuntime = (value: JsonObject, runtime: keyof typeof ownKeys): JsonObject => {
  const foreign = runtime === "node" ? ownKeys.command : ownKeys.node
  return { ...Object.fromEntries(Object.entries(value).filter(([key]) => key !== foreign)), runtime }
}

const decodeObject = (
  source: YamlSource,
  value: JsonObject,
): Either.Either<PluginManifest, ReadonlyArray<YamlProblem>> => {
  const version = versionProblem(source, value)
  if (version !== null) return Either.left([version])
  if (isRuntime(value.runtime)) return decode({ ...source, value: forRuntime(value, value.runtime) })
  // The rest is looked at as if the runtime were the one that its keys suggest.
  const guess = Object.hasOwn(value, ownKeys.command) ? "command" : "node"
  const others = decode({ ...source, value: forRuntime(value, guess) })
  return Either.left([runtimeProblem(source, value), ...(Either.isLeft(others) ? others.left : [])])
}

/** Reads the text of a plugin's manifest. All that is wrong with its keys and types comes back at once. */
export const decodePluginManifest = (
  text: string,
): Either.Either<PluginManifestSource, Array.NonEmptyReadonlyArray<string>> =>
  readYaml(text).pipe(
    Either.flatMap((source) =>
      Either.map(
        isObject(source.value) ? decodeObject(source, source.value) : Either.left([invalid(1, noKeys)]),
        (manifest) => ({ manifest, lineOf: source.lineOf }),
      ),
    ),
    Either.mapLeft((problems) => {
      const reasons = problems.map(({ line, message }) => reasonAt(line, message))
      return Array.isNonEmptyReadonlyArray(reasons) ? reasons : [reasonAt(0, "can't be read")]
    }),
  )
