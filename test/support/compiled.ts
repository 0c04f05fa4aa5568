import { createHash } from "node:crypto"
import { statSync } from "node:fs"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname, join, parse } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Effect } from "effect"
import { build, type Plugin } from "esbuild"
import { unusedPages } from "../../scripts/lib/unusedPages.mjs"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = join(root, "node_modules/.cache/fixtures")

/** What says how it is compiled. */
const own = ["package-lock.json", "test/support/compiled.ts", "scripts/lib/unusedPages.mjs"]

/** Modules may wait at their top, what is compiled here may not: what comes after the imports is a function then. */
const waitingBelow = (text: string): string => {
  if (!/^(?:const .* = )?await /m.test(text)) return text
  const last = [...text.matchAll(/^import [^"]*"[^"]+"$/gm)].at(-1)
  const end = last === undefined ? 0 : last.index + last[0].length
  return `${text.slice(0, end)}\nvoid (async () => {${text.slice(end)}})()`
}

/** A module that looks for files beside itself finds them beside its source. */
const keepPlaces: Plugin = {
  name: "keep-places",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(?:src|layers|test|scripts)\/.*\.c?ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8")
      const contents = text
        .replace(/^#!.*/, "")
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
      return { contents: waitingBelow(contents), loader: "ts" }
    }),
}

const bundle = async (source: string) => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    external: ["better-sqlite3", "koffi"],
    supported: { "dynamic-import": false },
    // Less to read at each of a thousand starts.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [keepPlaces, unusedPages],
    logLevel: "silent",
  })
  return { inputs: Object.keys(metafile.inputs), code: outputFiles[0]!.contents }
}

/**
 * Runs a bundle with V8's code cache, as Node 22 does by itself: it starts in half the time. The first one to start
 * leaves the cache, once its modules have run; where it can't, the next one does.
 */
const starter = (bundled: string): string => `"use strict"
const { readFileSync, renameSync, writeFileSync } = require("node:fs")
const { Script } = require("node:vm")
const file = require("node:path").join(__dirname, ${JSON.stringify(bundled)})
const cache = file + "." + process.version + ".cache"
const read = () => {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}
const script = new Script("(function (require, module, exports) {'use strict';" + readFileSync(file, "utf8") + "\\n})", {
  filename: file,
  cachedData: read(),
})
script.runInThisContext()(require, module, exports)
if (script.cachedDataRejected !== false) {
  setImmediate(() => {
    try {
      writeFileSync(cache + process.pid, script.createCachedData())
      renameSync(cache + process.pid, cache)
    } catch {}
  })
}
`

/** Half a file is never met by test files that compile the same program at the same time. */
const put = async (file: string, contents: string | Uint8Array): Promise<void> => {
  const temporary = `${file}.${process.pid}`
  await writeFile(temporary, contents)
  await rename(temporary, file)
}

interface Compiled {
  readonly file: string
  readonly state: string
  readonly inputs: ReadonlyArray<string>
}

/** Changes when one of the files does: names, sizes and modification times. */
const stateOf = (inputs: ReadonlyArray<string>): string => {
  const hash = createHash("sha256")
  for (const input of inputs) {
    const info = statSync(join(root, input), { throwIfNoEntry: false })
    hash.update(`${input}\0${info?.size}\0${info?.mtimeMs}\n`)
  }
  return hash.digest("hex")
}

const known = async (record: string): Promise<Compiled | null> => {
  const text = await readFile(record, "utf8").catch(() => null)
  if (text === null) return null
  const found = JSON.parse(text) as Compiled
  return stateOf(found.inputs) === found.state ? found : null
}

/**
 * Compiles a TypeScript program, with all that it imports, to one file that plain Node runs. What is native isn't in
 * it, so it lies where that is found. It is compiled again when a file that went into it has changed.
 */
const compile = async (program: string): Promise<string> => {
  const source = fileURLToPath(program)
  const name = parse(source).name
  const record = join(folder, `${createHash("sha256").update(source).digest("hex").slice(0, 16)}.json`)
  const found = await known(record)
  if (found !== null) return found.file
  const { code, inputs } = await bundle(source)
  const bundled = `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 16)}`
  const file = join(folder, `${bundled}.cjs`)
  await mkdir(folder, { recursive: true })
  await put(join(folder, `${bundled}.js`), code)
  await put(file, starter(`${bundled}.js`))
  const all = [...inputs, ...own]
  await put(record, JSON.stringify({ file, inputs: all, state: stateOf(all) } satisfies Compiled))
  return file
}

/** The file that a TypeScript program is compiled to; each is looked for once in this process. */
export const compiled = Effect.runSync(
  Effect.cachedFunction((program: string) => Effect.promise(() => compile(program))),
)
