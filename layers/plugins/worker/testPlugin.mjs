/** Runs a plugin without the service: for the tests of those who write plugins. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative, sep } from "node:path"

/**
 * @import { Plugin, WireInput, WireLast, WireMessage } from "./Drive.ts"
 * @import { TestChange, TestOptions, TestRun } from "./TestRun.ts"
 */
/** @typedef {Readonly<Record<string, Uint8Array>>} Files */

/** @type {(root: string, files: Files) => void} */
const write = (root, files) => {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), contents)
  }
}

/** @type {(root: string) => Files} */
const read = (root) =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(root, path).replaceAll(sep, "/"), new Uint8Array(readFileSync(path))]),
  )

/** @type {(path: string, was: Uint8Array | undefined, is: Uint8Array | undefined) => ReadonlyArray<TestChange>} */
const changesOf = (path, was, is) => {
  if (is === undefined) return [{ path, kind: "deleted", text: null }]
  if (was !== undefined && Buffer.compare(was, is) === 0) return []
  return [{ path, kind: was === undefined ? "created" : "modified", text: Buffer.from(is).toString("utf8") }]
}

/** @type {(before: Files, after: Files) => ReadonlyArray<TestChange>} */
const changesBetween = (before, after) =>
  Object.keys({ ...before, ...after })
    .sort()
    .flatMap((path) => changesOf(path, before[path], after[path]))

/** @type {(root: string, options: TestOptions) => WireInput} */
const inputOf = (root, options) => ({
  v: 1,
  mode: options.mode ?? "transform",
  context: {
    variables: options.variables ?? {},
    root,
    destination: options.destination ?? "/destination",
    template: options.template ?? { name: "template", version: "1" },
    run_kind: options.runKind ?? "test",
    equipment_id: options.equipmentId ?? "EQUIPMENT",
    project: options.project ?? "PROJ-0001",
    dry_run: options.dryRun ?? false,
  },
  files: options.matching ?? Object.keys(options.files ?? {}),
  extra_inputs: options.extraInputs ?? null,
  resume_file: options.resumeFile ?? null,
})

/** @type {(last: WireLast) => Pick<TestRun, "outcome" | "errors" | "message" | "prompt">} */
const meaningOf = (last) => {
  const none = { errors: [], message: null, prompt: null }
  switch (last.kind) {
    case "result":
      return { ...none, outcome: "success" }
    case "error":
      return { ...none, outcome: "failed", message: last.message }
    case "input_required": {
      const { kind: _, ...prompt } = last
      return { ...none, outcome: "asked", prompt }
    }
  }
}

/** @type {(plugin: Plugin, options: TestOptions, root: string) => Promise<TestRun>} */
const runIn = async (plugin, options, root) => {
  /** @type {Array<WireMessage>} */
  const messages = []
  /** @type {unknown} */
  let error = null
  const listener = {
    say: (/** @type {WireMessage} */ message) => void messages.push(message),
    failed: (/** @type {unknown} */ thrown) => void (error = thrown),
  }
  const before = read(root)
  const input = inputOf(root, options)
  const validated = await plugin.drive({ ...input, mode: "validate" }, listener)
  const errors = validated.kind === "result" ? (validated.errors ?? []) : []
  const meaning =
    errors.length > 0
      ? /** @type {const} */ ({ outcome: "variables_refused", errors, message: null, prompt: null })
      : meaningOf(validated.kind === "error" ? validated : await plugin.drive(input, listener))
  const undone = meaning.outcome === "failed" || input.mode === "describe"
  const after = undone ? before : read(root)
  return {
    ...meaning,
    error,
    logs: messages.flatMap((message) => (message.kind === "log" ? [without(message)] : [])),
    reports: messages.flatMap((message) => (message.kind === "file" ? [without(message)] : [])),
    changes: changesBetween(before, after),
    files: after,
  }
}

/**
 * @template {{ readonly kind: string }} M
 * @param {M} message
 * @returns {Omit<M, "kind">}
 */
const without = (message) => {
  const { kind: _, ...rest } = message
  return rest
}

/** @type {(plugin: Plugin, options: TestOptions) => Promise<TestRun>} */
export const testPlugin = async (plugin, options) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "exlab-wizard-plugin-")))
  try {
    const bytes = Object.entries(options.files ?? {}).map(([path, contents]) => [path, Buffer.from(contents)])
    write(root, Object.fromEntries(bytes))
    return await runIn(plugin, options, root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
