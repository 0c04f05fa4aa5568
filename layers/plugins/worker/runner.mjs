/**
 * What a worker process runs: it reads the input line, loads the plugin that it is told on its command line,
 * and writes one line for each thing that the plugin says, and one last line. A plugin is code that throws,
 * exits and hangs: so this throws and catches, too.
 */
import { readSync, writeSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { inspect } from "node:util"

/**
 * @import { Plugin, WireInput, WireLast, WireMessage } from "./Drive.ts"
 */

// Standard output belongs to the protocol; `console.log` looks it up here.
Object.defineProperty(process, "stdout", { configurable: true, get: () => process.stderr })

const pause = new Int32Array(new SharedArrayBuffer(4))

/** A pipe that somebody made non-blocking may have to be waited for. @type {(io: () => number) => number} */
const patiently = (io) => {
  for (;;) {
    try {
      return io()
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error
      Atomics.wait(pause, 0, 0, 2)
    }
  }
}

/** The first line of standard input, which may stay open. */
const readInput = () => {
  /** @type {Array<Buffer>} */
  const chunks = []
  for (;;) {
    const chunk = Buffer.alloc(65536)
    const read = chunk.subarray(
      0,
      patiently(() => readSync(0, chunk)),
    )
    const feed = read.indexOf(10)
    chunks.push(feed === -1 ? read : read.subarray(0, feed))
    if (feed !== -1 || read.length === 0) return Buffer.concat(chunks).toString("utf8")
  }
}

let isOver = false

/** @type {(line: WireMessage | WireLast) => void} */
const write = (line) => {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`)
  while (rest.length > 0) rest = rest.subarray(patiently(() => writeSync(1, rest)))
}

/** @type {(line: WireMessage) => void} */
const say = (line) => {
  if (!isOver) write(line)
}

/** Says the last line, once; nothing can be said after it. @type {(line: WireLast) => void} */
const sayLast = (line) => {
  if (isOver) return
  isOver = true
  write(line)
}

/** @type {(line: WireLast) => never} */
const end = (line) => {
  sayLast(line)
  process.exit(0)
}

/** For people who look for their mistake. @type {(error: unknown) => void} */
const failed = (error) => {
  try {
    process.stderr.write(`${inspect(error)}\n`)
  } catch {
    // What can't be shown is said to have failed, on the last line.
  }
}

/** @type {(what: string) => (error: unknown) => never} */
const endWith = (what) => (error) => {
  failed(error)
  let message = what
  try {
    message = `${what}: ${String(error).slice(0, 1500)}`
  } finally {
    end({ kind: "error", message })
  }
}

/** @type {(value: unknown) => value is Plugin} */
const isPlugin = (value) =>
  typeof value === "object" &&
  value !== null &&
  "kit" in value &&
  value.kit === 1 &&
  "drive" in value &&
  typeof value.drive === "function"

const main = async () => {
  /** @type {WireInput} */
  const input = JSON.parse(readInput())
  if (input.v !== 1) throw new Error(`this runner speaks version 1 of the protocol, not ${input.v}`)
  const { default: plugin } = await import(pathToFileURL(process.argv[2] ?? "").href)
  if (!isPlugin(plugin)) throw new Error("its entry's default export was not made with definePlugin")
  return plugin.drive(input, { say, failed })
}

process.on("uncaughtException", endWith("an error outside of its hooks"))
process.on("unhandledRejection", endWith("a rejected promise that it didn't wait for"))
process.on("beforeExit", () =>
  end({ kind: "error", message: "it waits for something that never comes: a promise that nobody settles" }),
)
process.on("exit", (code) => sayLast({ kind: "error", message: `it called process.exit(${code})` }))

main().then(end, endWith("it can't be run"))
