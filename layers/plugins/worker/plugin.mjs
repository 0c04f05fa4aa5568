/**
 * The authoring kit, `exlab-wizard/plugin`. It runs in a plugin's own process, without Effect and without
 * dependencies, around code that throws: so it throws and catches, too.
 */
import { lstatSync } from "node:fs"
import { join } from "node:path"

/**
 * @import { Drive, Listener, WireInput, WireLast } from "./Drive.ts"
 * @import { TestOptions, TestRun } from "./TestRun.ts"
 */
/** @typedef {import("./Drive.ts").Plugin} Plugin */
/** @typedef {import("./PluginDefinition.ts").FileOutcome} FileOutcome */
/** @typedef {import("./PluginDefinition.ts").FileStatus} FileStatus */
/** @typedef {import("./PluginDefinition.ts").PluginContext} PluginContext */
/** @typedef {import("./PluginDefinition.ts").PluginDefinition} PluginDefinition */
/** @typedef {import("./PluginDefinition.ts").PluginField} PluginField */
/** @typedef {import("./PluginDefinition.ts").Json} Json */

/** What a plugin is about, while it is driven. */
class Work {
  /** The file that a question is about, and at which the plugin would go on. @type {string | null} */
  file = null
  /** @type {WireLast | null} */
  question = null
  mayAsk = true
}

/** In UTF-16 units, so that no line comes near the protocol's limit of 1 MiB. */
const maxText = 1500
const maxQuestion = 300_000

/** @type {(text: unknown) => string} */
const cut = (text) => {
  const whole = String(text)
  return whole.length <= maxText ? whole : `${whole.slice(0, maxText)}…`
}

/** A thrown thing in words. It may be anything, also something that throws when it is looked at. */
const inWords = (/** @type {unknown} */ error) => {
  try {
    if (error instanceof Error) return cut(error.message || error.name)
    return cut(typeof error === "string" ? error : `it threw ${JSON.stringify(error) ?? String(error)}`)
  } catch {
    return "it threw something that can't be shown"
  }
}

/** A log line's context as JSON, and as an object. @type {(context: unknown) => Record<string, Json>} */
const plain = (context) => {
  try {
    const text = JSON.stringify(context) ?? String(context)
    if (text.length > maxText) return { cut: text.slice(0, maxText) }
    const value = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { value }
  } catch (error) {
    return { unreadable: inWords(error) }
  }
}

const fieldTypes = ["string", "text", "number", "integer", "boolean", "date", "choice"]

const isExpression = (/** @type {string} */ pattern) => {
  try {
    return new RegExp(pattern, "u") instanceof RegExp
  } catch {
    return false
  }
}

/** @type {(field: PluginField) => string | null} */
const fieldProblem = ({ id, label, options, pattern, type }) => {
  if (typeof id !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(id)) {
    return "an id is a letter, then letters, digits or _"
  }
  if (typeof label !== "string") return `field ${id} has no label`
  if (!fieldTypes.includes(type)) return `field ${id}: a type is one of ${fieldTypes.join(", ")}`
  const hasOptions = type === "choice" ? Array.isArray(options) && options.length > 0 : options !== undefined
  if (hasOptions !== (type === "choice")) return `field ${id}: a choice has options, and nothing else has`
  if (pattern === undefined) return null
  if (type !== "string" && type !== "text") return `field ${id}: only a string or a text has a pattern`
  return isExpression(pattern) ? null : `field ${id}: its pattern is no regular expression`
}

/** Tells the author at once what the host would refuse. @type {(fields: ReadonlyArray<PluginField>, reason: string) => void} */
const checkQuestion = (fields, reason) => {
  if (!Array.isArray(fields) || fields.length < 1 || fields.length > 50) {
    throw new TypeError("requestInput takes a list of 1 to 50 fields")
  }
  if (typeof reason !== "string" || reason.trim() === "" || reason.length > 2000) {
    throw new TypeError("requestInput takes a reason of 1 to 2,000 characters")
  }
  for (const [index, field] of fields.entries()) {
    const isSecond = fields.findIndex(({ id }) => id === field.id) < index
    const problem = isSecond ? `two fields have the id ${field.id}` : fieldProblem(field)
    if (problem !== null) throw new TypeError(`requestInput: ${problem}`)
  }
}

/** @type {(work: Work) => PluginContext["requestInput"]} */
const requestInputOf = (work) => (fields, reason) => {
  if (!work.mayAsk)
    throw new Error("requestInput can't be used once all files are finished, or after an error")
  checkQuestion(fields, reason)
  const text = JSON.stringify({ fields, reason })
  if (text.length > maxQuestion) throw new TypeError("requestInput: the fields are too long")
  const at = work.file === null ? {} : { file: work.file }
  // Who catches what this throws has asked all the same.
  work.question ??= { kind: "input_required", ...JSON.parse(text), ...at }
  throw new Error("the plugin asked for input, and ends here")
}

/** @type {(input: WireInput, work: Work, listener: Listener) => PluginContext} */
const contextOf = ({ context, extra_inputs }, work, { say }) => {
  /** @type {(level: "info" | "warn" | "error") => PluginContext["log"]["info"]} */
  const log = (level) => (message, more) =>
    say({
      kind: "log",
      level,
      message: cut(message),
      ...(more === undefined ? {} : { context: plain(more) }),
    })
  return Object.freeze({
    variables: context.variables,
    root: context.root,
    destination: context.destination,
    template: context.template,
    runKind: context.run_kind,
    equipmentId: context.equipment_id,
    project: context.project,
    dryRun: context.dry_run,
    extraInputs: extra_inputs ?? {},
    log: Object.freeze({ info: log("info"), warn: log("warn"), error: log("error") }),
    requestInput: requestInputOf(work),
  })
}

const statuses = ["modified", "created", "renamed", "deleted", "skipped"]

/** @type {(outcome: unknown, hook: string) => { status: FileStatus, detail?: string }} */
const outcomeOf = (outcome, hook) => {
  const { status, detail } = Object(
    typeof outcome === "string" ? { status: outcome } : (outcome ?? { status: "modified" }),
  )
  if (!statuses.includes(status))
    throw new TypeError(`${hook} gives back nothing, or one of ${statuses.join(", ")}`)
  return { status, ...(detail === undefined ? {} : { detail: cut(detail) }) }
}

/** @type {(definition: PluginDefinition, mode: WireInput["mode"], file: string, ctx: PluginContext) => Promise<{ status: FileStatus, detail?: string }>} */
const workOn = async (definition, mode, file, ctx) => {
  if (mode === "transform") return outcomeOf(await definition.transform(file, ctx), "transform")
  const told = await definition.describe?.(file, ctx)
  const isText = typeof told === "string" && !statuses.includes(told)
  return isText ? { status: "modified", detail: cut(told) } : outcomeOf(told, "describe")
}

/** Another file's turn may have moved or deleted it. */
const isThere = (/** @type {string} */ path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** @type {(definition: PluginDefinition, input: WireInput, ctx: PluginContext, work: Work, listener: Listener) => Promise<void>} */
const goThrough = async (definition, { files, mode, resume_file }, ctx, work, { say }) => {
  const first = resume_file === null ? 0 : files.indexOf(resume_file)
  if (first === -1) throw new Error(`the file to go on with, ${resume_file}, isn't among the files`)
  work.file = resume_file
  if (mode === "transform") await definition.before?.(ctx)
  for (let index = first; index < files.length && work.question === null; index += 1) {
    const file = files[index] ?? ""
    work.file = file
    if (file !== resume_file && !isThere(join(ctx.root, file))) {
      say({ kind: "file", path: file, status: "skipped", detail: "isn't there any more" })
    } else if ((await definition.canHandle?.(file, ctx)) ?? true) {
      say({ kind: "progress", file, current: index + 1, total: files.length })
      say({ kind: "file", path: file, ...(await workOn(definition, mode, file, ctx)) })
    }
  }
  if (work.question !== null) return
  work.file = null
  work.mayAsk = false
  if (mode === "transform") await definition.after?.(ctx)
}

/** @type {(definition: PluginDefinition, input: WireInput) => Promise<WireLast>} */
const validate = async (definition, { context }) => {
  const errors = (await definition.validateVariables?.(context.variables)) ?? []
  if (!Array.isArray(errors) || errors.some((error) => typeof error !== "string")) {
    throw new TypeError("validateVariables gives back a list of sentences, or nothing")
  }
  return { kind: "result", errors: errors.slice(0, 100).map(cut) }
}

/** @type {(definition: PluginDefinition, error: unknown, work: Work, ctx: PluginContext, listener: Listener) => Promise<WireLast>} */
const fail = async (definition, error, work, ctx, { failed, say }) => {
  failed(error)
  const { file } = work
  work.mayAsk = false
  try {
    await definition.onFailure?.(error, ctx)
  } catch (another) {
    say({ kind: "log", level: "error", message: cut(`onFailure failed, too: ${inWords(another)}`) })
  }
  return { kind: "error", message: cut(file === null ? inWords(error) : `${file}: ${inWords(error)}`) }
}

/** @type {(definition: PluginDefinition) => Drive} */
const driveOf = (definition) => async (input, listener) => {
  const work = new Work()
  const ctx = contextOf(input, work, listener)
  try {
    if (input.mode === "validate") return await validate(definition, input)
    await goThrough(definition, input, ctx, work, listener)
  } catch (error) {
    if (work.question === null) return await fail(definition, error, work, ctx, listener)
  }
  return work.question ?? { kind: "result" }
}

const hooks = ["validateVariables", "canHandle", "before", "transform", "describe", "after", "onFailure"]

/**
 * A plugin of these hooks. Its module exports it by default.
 *
 * @type {(definition: PluginDefinition) => Plugin}
 */
export const definePlugin = (definition) => {
  for (const [name, hook] of Object.entries(definition)) {
    if (!hooks.includes(name))
      throw new TypeError(`a plugin has no ${name}; its hooks are ${hooks.join(", ")}`)
    if (hook !== undefined && typeof hook !== "function") throw new TypeError(`${name} is not a function`)
  }
  if (definition.transform === undefined) throw new TypeError("a plugin needs a transform")
  return Object.freeze({ kit: 1, drive: driveOf(definition) })
}

/**
 * Runs a plugin in this very process, on a temporary copy of files, the way that the service does: first
 * `validateVariables`, then, unless it has something to say, all other hooks.
 *
 * @type {(plugin: Plugin, options?: TestOptions) => Promise<TestRun>}
 */
export const testPlugin = async (plugin, options = {}) => {
  // No worker needs it, and none should wait for it.
  const { testPlugin: run } = await import("./testPlugin.mjs")
  return run(plugin, options)
}
