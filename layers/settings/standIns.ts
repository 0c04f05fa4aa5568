import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { has, without } from "./pruning.ts"

type Path = ReadonlyArray<string>

/** A text that nobody else says. */
const text = (path: Path): Json => `(${path.join(".")})`

const equipment = (path: Path): Json => ({ id: text([...path, "id"]), label: "" })

/** A port that nobody else says. */
const port = ([, index]: Path): Json => -1 - Number(index)

/** What stands in for a value that can't be read, so that what is said beside it can be looked at. */
const standIns: ReadonlyArray<readonly [at: RegExp, standIn: (path: Path) => Json]> = [
  [/^equipment\.\d+$/, equipment],
  [/^equipment\.\d+\.(?:id|label|nas_root)$/, text],
  [/^equipment\.\d+\.transport\.(?:host|remote|config_file)$/, text],
  [/^equipment\.\d+\.transport\.port$/, port],
  [/^equipment\.\d+\.transport\.upload_mbps$/, () => 1],
  [/^equipment\.\d+\.transport\.schedule\.\d+$/, () => ({ from: "", to: "" })],
  [/^equipment\.\d+\.transport\.schedule\.\d+\.(?:from|to)$/, text],
  [/^equipment\.\d+\.transport\.schedule\.\d+\.days\.\d+$/, () => "mon"],
  [/^equipment\.\d+\.completeness\.name$/, text],
  [/^equipment\.\d+\.completeness\.minutes$/, () => 1],
  [/^readme\.defaults\.\d+$/, () => ({ id: "stand_in", label: "stands in", type: "string" })],
  [/^http\.request_seconds$/, () => Number.MAX_VALUE],
  [/^paths\.local_root$/, text],
  [/^(?:http\.allowed_hosts|plugins\.readable_paths)\.\d+$/, text],
]

/** What can't be read without one of its own keys goes as a whole. */
const whole = /^(equipment\.\d+\.(?:transport|completeness)\.type|readme\.defaults\.\d+\..*)$/

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A value with another at a path; as it is where the path leads nowhere. */
const put = (value: Json, [key, ...rest]: Path, inner: Json): Json => {
  if (key === undefined) return inner
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => (String(index) === key ? put(item, rest, inner) : item))
  }
  if (!isObject(value)) return value
  return { ...value, [key]: put(value[key] ?? {}, rest, inner) }
}

/** The value without what is wrong at a path, or with what stands in for it. */
export const mended = (value: Json, path: Path): Json => {
  const name = path.join(".")
  if (whole.test(name)) return mended(value, path.slice(0, name.startsWith("readme") ? 3 : -1))
  const standIn = standIns.find(([at]) => at.test(name))?.[1]
  if (standIn !== undefined && has(value, path.slice(0, -1))) return put(value, path, standIn(path))
  return without(value, has(value, path) ? path : path.slice(0, 1))
}
