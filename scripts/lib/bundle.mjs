// Makes the code of bundled plugins that need a library: a worker reads nothing but its plugin's own folder.
import { readdirSync, renameSync } from "node:fs"
import { buildSync } from "esbuild"
import { inRoot } from "./paths.mjs"

const folder = (...parts) => inRoot("templates", "plugins", "xlsx-fields", ...parts)

export const bundledPlugin = folder("plugin.mjs")

/** What the bundle is made of, besides the packages that the lock file names. */
export const bundleSources = () => [
  inRoot("scripts", "lib", "bundle.mjs"),
  ...readdirSync(folder("src"))
    .toSorted()
    .map((name) => folder("src", name)),
]

const banner = [
  "// Made from src/ by `npm run build`. What is bundled, and under which licences: THIRD_PARTY_LICENSES.txt",
  'import { createRequire } from "node:module"',
  "const require = createRequire(import.meta.url)",
].join("\n")

export const bundle = () => {
  buildSync({
    entryPoints: [folder("src", "plugin.mjs")],
    outfile: `${bundledPlugin}.new`,
    bundle: true,
    // The library reads workbooks with a password by a part of its own, which nobody asks for here.
    external: ["exlab-wizard/plugin", "./Encryptor-*"],
    platform: "node",
    format: "esm",
    target: "node20",
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "error",
    banner: { js: banner },
  })
  // Whoever reads it meanwhile reads all of it.
  renameSync(`${bundledPlugin}.new`, bundledPlugin)
}
