import { dirname, join, resolve } from "node:path"
import { Effect, Either, Option } from "effect"
import { type DiskError, SettingsInvalid } from "../../src/domain/Errors.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { type Settings, settingsProblems } from "../../src/domain/Settings.ts"
import type { SettingsProblem } from "../../src/domain/SettingsProblem.ts"
import { toSnake } from "../../src/domain/wire.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { defaults, withDefaults } from "../EmbeddedSettings.ts"
import { defaultHttp, type HttpSettings, httpProblems } from "../http/HttpSettings.ts"
import { defaultLogging, type Logging } from "../telemetry/Logging.ts"
import { decodeYaml } from "../yaml/decodeYaml.ts"
import { readYamlParts, type YamlProblem, type YamlSource } from "../yaml/readYaml.ts"
import { findFile } from "./findFile.ts"
import { overlap, without } from "./pruning.ts"
import { SettingsFile } from "./SettingsFile.ts"
import { mended } from "./standIns.ts"
import { type Environment, type Variable, variablesIn } from "./variables.ts"

/** Everything that can be set for the service by itself. */
export interface StandaloneSettings {
  /** The file that was read; null: there is none. */
  readonly file: string | null
  readonly settings: Settings
  readonly http: HttpSettings["Type"]
  readonly logging: Logging
}

export interface SettingsPlace {
  /** The file, by `--config`. */
  readonly config: Option.Option<string>
  readonly environment: Environment
}

const maxBytes = 1024 * 1024

/** What one file says, and what is wrong with it. */
interface FileReading {
  readonly source: YamlSource
  readonly problems: ReadonlyArray<YamlProblem>
}

const empty: YamlSource = { value: {}, lineOf: () => 1 }

const decode = decodeYaml(SettingsFile, "the file")

const readText = (text: string): FileReading =>
  Either.match(readYamlParts(text), {
    onLeft: (problems) => ({ source: empty, problems }),
    onRight: ({ lineOf, problems, value }) => {
      const source = { value: value ?? {}, lineOf }
      const decoded = decode({ ...source, problems })
      return { source, problems: Either.match(decoded, { onLeft: (wrong) => wrong, onRight: () => [] }) }
    },
  })

const decodeText = (path: string, bytes: Uint8Array): Either.Either<string, SettingsInvalid> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new SettingsInvalid({ problems: [`${path}: is not UTF-8 text`] }),
  })

const readFile = Effect.fnUntraced(function* (path: string) {
  const disk = yield* Disk
  // The file may be a link, as where a cluster mounts it.
  const bytes = yield* disk.readFile(yield* disk.realPath(path), { maxBytes })
  return readText(yield* decodeText(path, bytes))
})

/** The settings with stand-ins for what is wrong, or without its groups. None: nothing can be read. */
const decodeWithout = (value: Json, wrong: ReadonlyArray<ReadonlyArray<string>>) => {
  const read = (parts: Json) => Either.getRight(decode({ value: parts, lineOf: () => 0 }))
  return Option.orElse(read(wrong.reduce(mended, value)), () =>
    read(wrong.map((path) => path.slice(0, 1)).reduce(without, value)),
  )
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Groups are merged, values and lists replaced. */
const merge = (below: Json | undefined, above: Json): Json =>
  isObject(below) && isObject(above)
    ? {
        ...below,
        ...Object.fromEntries(Object.entries(above).map(([key, value]) => [key, merge(below[key], value)])),
      }
    : above

const covers = (variable: Variable, path: ReadonlyArray<string>): boolean =>
  variable.path.every((segment, index) => path[index] === segment)

/** A problem with the line that it is to be looked for at: what variables say comes after the file. */
interface Placed {
  readonly line: number
  readonly sentence: string
}

const inVariable = ({ name }: Variable, sentence: string): Placed => ({
  line: Number.POSITIVE_INFINITY,
  sentence: `${name}: ${sentence}`,
})

const inFile = (file: string | null, line: number, sentence: string): Placed =>
  file === null
    ? { line: Number.POSITIVE_INFINITY, sentence }
    : { line, sentence: `${file}:${line} ${sentence}` }

const wirePath = (key: SettingsProblem["key"]): ReadonlyArray<string> =>
  key.map((segment) => toSnake(String(segment)))

/** A contradiction with the place where its value comes from. */
const placed =
  (file: string | null, { lineOf }: YamlSource, variables: ReadonlyArray<Variable>) =>
  ({ key, message }: SettingsProblem): Placed => {
    const path = wirePath(key)
    const sentence = `${path.join(".")} ${message}`
    const variable = variables.find((one) => covers(one, path))
    return variable === undefined ? inFile(file, lineOf(path), sentence) : inVariable(variable, sentence)
  }

/** Relative paths are below the file that says them; those of variables, below the working directory. */
const assemble = (
  said: SettingsFile,
  place: (...path: ReadonlyArray<string>) => string,
  dataDir: string,
): Omit<StandaloneSettings, "file"> => {
  const { http = {}, logging = {}, paths = {}, ...others } = said
  const absolute = (path: string, ...key: ReadonlyArray<string>): string =>
    path === "" ? "" : resolve(place(...key), path)
  const base = defaults(dataDir).paths
  const { localRoot, pluginDir, stateDir, templatesDir } = paths
  const settings = withDefaults({
    ...others,
    paths: {
      localRoot: localRoot === undefined ? base.localRoot : absolute(localRoot, "paths", "local_root"),
      templatesDir:
        templatesDir === undefined ? base.templatesDir : absolute(templatesDir, "paths", "templates_dir"),
      pluginDir: typeof pluginDir === "string" ? absolute(pluginDir, "paths", "plugin_dir") : base.pluginDir,
      stateDir: stateDir === undefined ? base.stateDir : absolute(stateDir, "paths", "state_dir"),
    },
  })
  const tokenFile = typeof http.tokenFile === "string" ? absolute(http.tokenFile, "http", "token_file") : null
  return {
    settings,
    http: { ...defaultHttp, ...http, tokenFile },
    logging: { ...defaultLogging, ...logging },
  }
}

/** Without a file there is a NAS to try: a folder beside the local root. */
const withNas = (dataDir: string): NonNullable<SettingsFile["equipment"]> =>
  defaults(dataDir).equipment.map((one) => ({
    ...one,
    nasRoot: join(dataDir, "nas", one.id),
    transport: { type: "mounted", uploadMbps: null, schedule: [] },
  }))

const refuse = (problems: ReadonlyArray<Placed>): SettingsInvalid => {
  const sentences = problems.toSorted((a, b) => a.line - b.line).map(({ sentence }) => sentence)
  const [first, ...rest] = [...new Set(sentences)]
  return new SettingsInvalid({ problems: [first ?? "the settings can't be read", ...rest] })
}

/** Where values can't be read: what stands in for them contradicts nothing. */
const unclear = (problems: ReadonlyArray<YamlProblem>, variables: ReadonlyArray<Variable>) => [
  ...problems
    .flatMap(({ path }) => (path === undefined ? [] : [path]))
    .filter((path) => !variables.some((one) => covers(one, path))),
  ...variables.flatMap(({ path, problems: wrong }) => wrong.map((one) => one.path ?? path)),
]

/**
 * The settings in force: what the environment says, over what the file says, over the embedded defaults
 * (`docs/settings.md`). Fails with everything that is wrong, each with its file, line and key, or its variable.
 */
export const load = Effect.fn("YamlSettings.load")(function* ({
  config,
  environment,
}: SettingsPlace): Effect.fn.Return<StandaloneSettings, SettingsInvalid | DiskError, Disk> {
  const file = Option.getOrNull(yield* findFile(config, environment))
  const { problems, source } = file === null ? { source: empty, problems: [] } : yield* readFile(file)
  const variables = variablesIn(environment)
  const unread = [
    ...problems.map(({ line, message }) => inFile(file, line, message)),
    ...variables.flatMap((one) => one.problems.map(({ message }) => inVariable(one, message))),
  ]
  const merged = variables.reduce(
    (below, { value }) => (value === undefined ? below : merge(below, value)),
    source.value,
  )
  const wrong = unclear(problems, variables)
  const said = Option.getOrNull(decodeWithout(merged, wrong))
  if (said === null) return yield* refuse(unread)
  const place = (...path: ReadonlyArray<string>): string =>
    file === null || variables.some((one) => covers(one, path)) ? resolve() : dirname(file)
  const dataDir = resolve(
    environment["EXLAB_DATA_DIR"] || join(file === null ? "" : dirname(file), "exlab-data"),
  )
  const found = assemble(file === null ? { equipment: withNas(dataDir), ...said } : said, place, dataDir)
  const contradictions = [...settingsProblems(found.settings), ...httpProblems(found.http)].filter(
    ({ key }) => !wrong.some((path) => overlap(path, wirePath(key))),
  )
  const all = [...unread, ...contradictions.map(placed(file, source, variables))]
  return all.length > 0 ? yield* refuse(all) : { file, ...found }
})
