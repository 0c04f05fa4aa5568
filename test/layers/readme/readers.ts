import { spawnSync } from "node:child_process"
import { CORE_SCHEMA, load, YAML11_SCHEMA } from "js-yaml"
import { parse } from "yaml"

/** Two parsers, each with both versions of YAML: what they agree on, others will read. */
export const readers: ReadonlyArray<{ readonly name: string; readonly read: (yaml: string) => unknown }> = [
  { name: "yaml, 1.2", read: (yaml) => parse(yaml, { version: "1.2" }) },
  { name: "yaml, 1.1", read: (yaml) => parse(yaml, { version: "1.1" }) },
  { name: "js-yaml, 1.2", read: (yaml) => load(yaml, { schema: CORE_SCHEMA }) },
  { name: "js-yaml, 1.1", read: (yaml) => load(yaml, { schema: YAML11_SCHEMA }) },
]

const program = `
import json, sys, yaml
json.dump([yaml.safe_load(text) for text in json.load(sys.stdin)], sys.stdout)
`

const pythonReads = (texts: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const { status, stderr, stdout } = spawnSync("python3", ["-c", program], {
    input: JSON.stringify(texts),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as ReadonlyArray<unknown>
}

interface BatchReader {
  readonly name: string
  readonly readAll: (texts: ReadonlyArray<string>) => ReadonlyArray<unknown>
}

const python: BatchReader = { name: "PyYAML", readAll: pythonReads }

const pythonIsThere = spawnSync("python3", ["-c", "import yaml"]).status === 0

/** The same parsers, many texts at a time; with Python's, which the lab's other tools use, where it is installed. */
export const batchReaders: ReadonlyArray<BatchReader> = [
  ...readers.map(({ name, read }) => ({ name, readAll: (texts: ReadonlyArray<string>) => texts.map(read) })),
  ...(pythonIsThere ? [python] : []),
]
