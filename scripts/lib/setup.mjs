// Makes a checkout ready. `deps`: what package-lock.json names is installed, and TypeScript knows Effect;
// `plugins`: the code of bundled plugins is there; `build`: that, and dist/ holds what the sources say. Each
// takes some milliseconds when there is nothing to do. Everything it prints goes to standard error.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fingerprint, inRoot, readJson, root, tool } from "./paths.mjs"
import { withLock } from "./lock.mjs"

const cache = inRoot("node_modules", ".cache")
const platformStamp = inRoot("node_modules", ".cache", "platform.json")
const buildStamp = inRoot("node_modules", ".cache", "build.json")
const bundleStamp = inRoot("node_modules", ".cache", "bundle.json")
const buildInfo = inRoot("node_modules", ".cache", "build.tsbuildinfo")

const run = (what, command, args) => {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] })
  if (result.status === 0) return
  console.error(`${what} failed${result.error === undefined ? "" : `: ${result.error.message}`}`)
  process.exit(1)
}

const stamp = (file, value) => {
  mkdirSync(cache, { recursive: true })
  writeFileSync(file, JSON.stringify(value))
}

const platform = [process.platform, process.arch, process.versions.modules].join(" ")

/** Whether npm's own list of what it installed says what the lock file says. */
const isInstalled = () => {
  const wanted = readJson(inRoot("package-lock.json"))?.packages ?? {}
  const found = readJson(inRoot("node_modules", ".package-lock.json"))?.packages
  if (found === undefined || (readJson(platformStamp) ?? platform) !== platform) return false
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      path === "" ||
      (found[path] === undefined
        ? optional === true
        : found[path].version === version && found[path].integrity === integrity),
  )
}

/** An unpatched TypeScript reports none of Effect's diagnostics, and says nothing about it. */
const isPatched = () =>
  readFileSync(inRoot("node_modules", "typescript", "lib", "_tsc.js")).includes("@effect-lsp-patch")

const stampPlatform = () => {
  if (readJson(platformStamp) === platform) return
  try {
    stamp(platformStamp, platform)
  } catch {
    // A checkout that is only there to be read stays as it is.
  }
}

const dependenciesReady = () => {
  const ready = isInstalled() && isPatched()
  if (ready) stampPlatform()
  return ready
}

const installDependencies = () => {
  if (!isInstalled()) {
    console.error("Installing dependencies (npm ci) …")
    // `--include=dev`: NODE_ENV=production would leave out what builds and checks.
    run("npm ci", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"])
  }
  if (!isPatched()) run("Patching TypeScript", tool("effect-language-service"), ["patch"])
  stampPlatform()
}

const sourceFiles = () =>
  ["src", "layers", "scripts"]
    .flatMap((folder) =>
      readdirSync(inRoot(folder), { recursive: true }).map((name) => inRoot(folder, String(name))),
    )
    .filter((file) => /\.(?:ts|mjs)$/.test(file))
    .toSorted()

/** Imported late: esbuild is there only once the dependencies are. */
const bundling = async () => {
  const { bundle, bundledPlugin, bundleSources } = await import("./bundle.mjs")
  const state = () => fingerprint([inRoot("package-lock.json"), ...bundleSources(), bundledPlugin])
  return { bundle, state, same: readJson(bundleStamp) === state() }
}

const bundlePlugins = async () => {
  const { bundle, state, same } = await bundling()
  if (same) return
  bundle()
  stamp(bundleStamp, state())
}

const outputNow = () => fingerprint(["src", "layers", "bin"].map((name) => inRoot("dist", name)))

/** What was compiled, what would be now, and whether they are the same. */
const compareOutput = () => {
  const sources = sourceFiles()
  const configuration = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"].map((name) =>
    inRoot(name),
  )
  const before = readJson(buildStamp)
  const now = { state: fingerprint([...configuration, ...sources]), sources, output: outputNow() }
  return { before, now, same: before?.state === now.state && before.output === now.output }
}

const compile = async () => {
  const { before, now, same } = compareOutput()
  if (same) return
  console.error("Compiling …")
  const known = new Set(now.sources)
  if (before === null || before.output !== now.output || before.sources.some((file) => !known.has(file))) {
    // What a deleted source left in dist/ would be published, and run.
    rmSync(inRoot("dist"), { recursive: true, force: true })
    rmSync(buildInfo, { force: true })
  }
  rmSync(buildStamp, { force: true })
  run("Compiling", tool("tsc"), ["-p", "tsconfig.build.json"])
  const { bundleProgram } = await import("./program.mjs")
  await bundleProgram()
  stamp(buildStamp, { ...now, output: outputNow() })
}

const build = {
  isReady: async () => (await bundling()).same && compareOutput().same,
  make: async () => {
    await bundlePlugins()
    await compile()
  },
}
const steps = {
  deps: { isReady: dependenciesReady, make: installDependencies },
  plugins: { isReady: async () => (await bundling()).same, make: bundlePlugins },
  build,
}
const wanted = process.argv.slice(2).map((name) => steps[name])

const allReady = async () => {
  for (const { isReady } of wanted) if (!(await isReady())) return false
  return true
}

// Where everything is ready nothing is written, not even a lock: whoever may only read gets through.
if (!(await allReady())) {
  await withLock(inRoot(".setup.lock"), async () => {
    for (const { make } of wanted) await make()
  })
}
