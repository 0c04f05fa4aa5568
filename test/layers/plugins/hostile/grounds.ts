import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Attack, nameOf, type Runtime, type Trial } from "./attacks.ts"

const fixtures = fileURLToPath(new URL("../../../fixtures/plugins/hostile/", import.meta.url))

/** A name in the service's environment; its value is a secret. */
export const secretVariable = "EXLAB_TEST_SECRET"

const commands: Readonly<Record<Runtime, string>> = {
  node: "runtime: node\nentry: plugin.mjs\n",
  command: 'runtime: command\ncommand: ["/usr/bin/python3", "-S", "-B", "plugin.py"]\n',
}

const suffix: Readonly<Record<Runtime, string>> = { node: "mjs", command: "py" }

const manifestOf = (
  name: string,
  command: string,
  { memoryMb, timeoutSeconds }: Pick<Attack, "memoryMb" | "timeoutSeconds">,
) =>
  `name: ${name}
version: "1"
api_version: "1"
${command}isolation: { timeout_seconds: ${timeoutSeconds}, memory_mb: ${memoryMb} }
`

/** When an attack strikes: while it works, or while it looks at the variables. */
type When = "transform" | "validate"

/** Attacks that don't touch their own tree end as failures, whether or not anything stopped them. */
const failing = new Set(["writes", "connects", "kills"])

const writeAttack = (plugins: string, name: string, attack: Attack, runtime: Runtime, when: When) => {
  const folder = join(plugins, name)
  const fails = failing.has(attack.family)
  mkdirSync(folder)
  writeFileSync(join(folder, "manifest.yaml"), manifestOf(name, commands[runtime], attack))
  writeFileSync(join(folder, "how.json"), JSON.stringify({ how: attack.how, when, fails }))
  const source = join(fixtures, runtime)
  copyFileSync(join(source, `plugin.${suffix[runtime]}`), join(folder, `plugin.${suffix[runtime]}`))
  copyFileSync(join(source, `${attack.family}.${suffix[runtime]}`), join(folder, `attack.${suffix[runtime]}`))
}

const writeGood = (plugins: string, name: string) => {
  const folder = join(plugins, name)
  const command = 'runtime: command\ncommand: ["/bin/sh", "plugin.sh"]\n'
  mkdirSync(folder)
  writeFileSync(
    join(folder, "manifest.yaml"),
    manifestOf(name, command, { memoryMb: 256, timeoutSeconds: 30 }),
  )
  writeFileSync(join(folder, "file-name"), `${name}.txt`)
  copyFileSync(join(fixtures, "good", "plugin.sh"), join(folder, "plugin.sh"))
}

/** Attacks in `validate` mode: one of each kind that does without a tree. */
const whileValidating = new Set(["anywhere", "memory", "code 3", "a line without an end"])

export const isForValidation = ({ how }: Attack): boolean => whileValidating.has(how)

export const nameWhileValidating = (attack: Attack, runtime: Runtime) =>
  `v-${nameOf(attack, runtime)}`.slice(0, 64)

const writePlugins = (plugins: string, trials: ReadonlyArray<Trial>) => {
  mkdirSync(plugins)
  for (const name of ["good-first", "good-last"]) writeGood(plugins, name)
  for (const { attack, runtime } of trials) {
    writeAttack(plugins, nameOf(attack, runtime), attack, runtime, "transform")
    if (isForValidation(attack)) {
      writeAttack(plugins, nameWhileValidating(attack, runtime), attack, runtime, "validate")
    }
  }
}

/** A fresh tree, as a template may render it. */
export const writeTree = (tree: string) => {
  for (const folder of ["", ".exlab-wizard", "data"]) mkdirSync(join(tree, folder))
  writeFileSync(join(tree, "README.md"), "# A run\n")
  writeFileSync(join(tree, ".exlab-wizard", "creation.json"), "{}\n")
  writeFileSync(join(tree, ".exlab-answers.yml"), "operator: asmith\n")
  writeFileSync(join(tree, "attacked.txt"), "as rendered\n")
  writeFileSync(join(tree, "data", "a.txt"), "a\n")
  writeFileSync(join(tree, "data", "run.sh"), "#!/bin/sh\n")
  chmodSync(join(tree, "data", "run.sh"), 0o755)
  symlinkSync("a.txt", join(tree, "data", "inside"))
}

/** Everything that a user may change, given to that user. */
export const give = (path: string, user: number): void => {
  const info = lstatSync(path)
  if (info.isSymbolicLink()) return
  chownSync(path, user, user)
  if (info.isDirectory()) for (const name of readdirSync(path)) give(join(path, name), user)
}

/** What is around a tree: secrets, other people's files, plugins, room for copies and for the service's own. */
export const prepareGrounds = (
  root: string,
  secret: string,
  trials: ReadonlyArray<Trial>,
  user: number | undefined,
) => {
  for (const folder of ["secret", "outside", "copies", "temporary", "trees"]) mkdirSync(join(root, folder))
  writeFileSync(join(root, "secret", "secret.txt"), secret)
  writeFileSync(join(root, "outside", "precious.txt"), "precious\n")
  writePlugins(join(root, "plugins"), trials)
  if (user !== undefined) give(root, user)
}
