// Renames files by a rule. All that is wrong with the new names is said before the first file is renamed.
import { readdir, rename } from "node:fs/promises"
import { join } from "node:path"
import { definePlugin } from "exlab-wizard/plugin"
import { folded, nameProblem, renamed, ruleProblems } from "./rule.mjs"

const patternOf = (glob) =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, "[^/]*")}$`)

/** Which files: names or paths in which `*` stands for anything but a slash. All, when nothing is said. */
const selectionOf = ({ filename_files: files = "" }) => {
  const globs = files.split(",").flatMap((glob) => (glob.trim() === "" ? [] : [glob.trim()]))
  const tests = globs.map((glob) => {
    const pattern = patternOf(glob)
    return (file) => pattern.test(glob.includes("/") ? file : file.slice(file.lastIndexOf("/") + 1))
  })
  return (file) => tests.length === 0 || tests.some((test) => test(file))
}

/** All entries below a folder, sorted, without hidden ones: those belong to programs. */
const entriesBelow = async (root, folder = "") => {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith("."))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(async (entry) => {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`
        const below = entry.isDirectory() ? await entriesBelow(root, path) : []
        return [{ path, isFile: entry.isFile() }, ...below]
      }),
  )
  return lists.flat()
}

const split = (path) => {
  const slash = path.lastIndexOf("/") + 1
  return [path.slice(0, slash), path.slice(slash)]
}

/** Where each file goes, and everything that keeps it from going there. */
const planFor = (entries, variables) => {
  const selects = selectionOf(variables)
  const moves = entries
    .filter(({ isFile, path }) => isFile && selects(path))
    .map(({ path }) => {
      const [folder, name] = split(path)
      return { path, target: `${folder}${renamed(variables.filename_rule, name, variables)}` }
    })
    .filter(({ path, target }) => path !== target)
  const standing = new Map(entries.map(({ path }) => [folded(path), path]))
  const first = new Map(moves.toReversed().map(({ path, target }) => [folded(target), path]))
  const problems = moves.flatMap(({ path, target }) => {
    const problem = nameProblem(split(target)[1])
    if (problem !== null) return [`${path}: its new name ${split(target)[1]} ${problem}`]
    if (folded(target) === "readme.md") return [`${path}: README.md is the service's own`]
    const rival = first.get(folded(target))
    if (rival !== path) return [`${path} and ${rival} would both be ${target}`]
    const there = standing.get(folded(target))
    return there === undefined || there === path ? [] : [`${path}: ${target} is there already`]
  })
  return { problems, targets: new Map(moves.map(({ path, target }) => [path, target])) }
}

const mostProblems = 50

let targets = new Map()

export default definePlugin({
  validateVariables: (variables) => [
    ...ruleProblems(variables.filename_rule, variables),
    ...(typeof (variables.filename_files ?? "") === "string"
      ? []
      : ["filename_files must be names of files, separated by commas; * stands for anything"]),
  ],

  async before(ctx) {
    const plan = planFor(await entriesBelow(ctx.root), ctx.variables)
    const { problems } = plan
    if (problems.length > 0) {
      const more = problems.length > mostProblems ? [`and ${problems.length - mostProblems} more`] : []
      throw new Error([...problems.slice(0, mostProblems), ...more].join("; "))
    }
    targets = plan.targets
  },

  canHandle: (file) => targets.has(file),

  async transform(file, ctx) {
    const target = targets.get(file)
    await rename(join(ctx.root, file), join(ctx.root, target))
    return { status: "renamed", detail: target }
  },
})
