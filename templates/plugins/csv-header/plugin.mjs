// Gives tables without a header row one. README.md says by which rules.
import { createReadStream, createWriteStream } from "node:fs"
import { chmod, open, rename, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { definePlugin } from "exlab-wizard/plugin"
import { delimiterOf, encodeRecord, firstRecord, lineEndOf, looksLikeHeader, startOf } from "./table.mjs"
import { columnsOf, problemsOf, selectionOf } from "./variables.mjs"

/** Enough for the first row of any table. */
const headBytes = 1024 * 1024

const readHead = async (path) => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Writes `header` between the byte order mark and the rest, through a second file: tables may be long. */
const insert = async (path, { bom }, header) => {
  const { mode } = await stat(path)
  const beside = `${path}.with-header`
  const file = await open(beside, "wx")
  await file.writeFile(Buffer.concat([bom, Buffer.from(header)]))
  await file.close()
  await pipeline(createReadStream(path, { start: bom.length }), createWriteStream(beside, { flags: "a" }))
  await chmod(beside, mode & 0o777)
  await rename(beside, path)
}

/** What is to be done with a table: a header to write, a reason to leave it alone, or a problem. */
const judge = (file, head, columns) => {
  const start = startOf(head)
  if (start.problem !== null) return { problem: start.problem }
  const delimiter = delimiterOf(file, start.text)
  const header = `${encodeRecord(columns, delimiter)}${lineEndOf(start.text)}`
  if (start.text === "") return { start, header }
  const first = firstRecord(start.text, delimiter)
  if (first === null) return { problem: "its first row is longer than 1 MiB, or its quotes don't pair up" }
  if (looksLikeHeader(first)) {
    const same = first.length === columns.length && first.every((cell, index) => cell === columns[index])
    return { skip: same ? "has this header row" : `has a header row: ${first.join(", ").slice(0, 200)}` }
  }
  if (first.length !== columns.length) {
    return { problem: `its first row has ${first.length} cells, and csv_columns names ${columns.length}` }
  }
  return { start, header }
}

/** Of all files: they are told together. */
let problems = []

export default definePlugin({
  validateVariables: problemsOf,

  canHandle: (file, ctx) => !basename(file).startsWith(".") && selectionOf(ctx.variables)(file),

  before() {
    problems = []
  },

  async transform(file, ctx) {
    const path = join(ctx.root, file)
    const { header, problem, skip, start } = judge(file, await readHead(path), columnsOf(ctx.variables))
    if (skip !== undefined) return { status: "skipped", detail: skip }
    if (problem !== undefined) {
      problems.push(`${file}: ${problem}`)
      return { status: "skipped", detail: problem }
    }
    await insert(path, start, header)
    return { status: "modified", detail: header.trimEnd() }
  },

  after() {
    if (problems.length > 0) throw new Error(problems.join("; "))
  },
})
