// Makes `dist/bin/main.cjs` of the compiled modules: the program with all that it imports in a few files, which
// starts three times as fast. What is native is left where npm has it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { build } from "esbuild"
import { inRoot, readJson } from "./paths.mjs"
import { unusedPages } from "./unusedPages.mjs"

const outdir = inRoot("dist", "bin")

/** Modules that look for files beside themselves find them where they were compiled to. */
const keepPlaces = {
  name: "keep-places",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]dist[\\/](?:src|layers)[\\/].*\.js$/ }, ({ path }) => {
      const place = JSON.stringify(relative(outdir, path).replaceAll("\\", "/"))
      const folder = JSON.stringify(relative(outdir, dirname(path)))
      const contents = readFileSync(path, "utf8")
        .replaceAll("import.meta.dirname", `placeFrom(import.meta.dirname, ${folder})`)
        .replaceAll("import.meta.url", `new URL(${place}, import.meta.url)`)
      return { contents, loader: "js" }
    }),
}

/** The program lies beside what starts it. */
const besides = {
  name: "besides",
  setup: ({ onResolve }) =>
    onResolve({ filter: /[\\/]program\.js$/ }, () => ({ path: "./program.js", external: true })),
}

/** Packages that are CommonJS ask for `require`. */
const banner = [
  'import { createRequire as requireFrom } from "node:module"',
  'import { resolve as placeFrom } from "node:path"',
  "const require = requireFrom(import.meta.url)",
].join("\n")

const packageOf = (input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]

/** Whose code is in it, and under which licences: most ask that this goes with every copy. */
const licencesOf = (inputs) =>
  [...new Set(inputs.flatMap((input) => packageOf(input) ?? []))].toSorted().map((folder) => {
    const { license, name, version } = readJson(inRoot(folder, "package.json"))
    const file = readdirSync(inRoot(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? "" : `\n${readFileSync(inRoot(folder, file), "utf8").trim()}\n`
    return `${name} ${version}: ${license}\n${text}`
  })

export const bundleProgram = async () => {
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: inRoot(),
    entryPoints: { program: inRoot("dist", "layers", "cli", "program.js") },
    outdir,
    bundle: true,
    splitting: true,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3", "koffi"],
    // Names stay as they are: they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [keepPlaces, unusedPages],
    legalComments: "none",
    logLevel: "error",
    banner: { js: banner },
  })
  await build({
    entryPoints: [inRoot("dist", "layers", "main.cjs")],
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    plugins: [besides],
    logLevel: "error",
  })
  const licences = licencesOf(Object.keys(metafile.inputs))
  writeFileSync(join(outdir, "THIRD_PARTY_LICENSES.txt"), licences.join("\n---\n\n"))
}
