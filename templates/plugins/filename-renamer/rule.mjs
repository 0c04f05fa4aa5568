// What a rule means: placeholders, and names that any computer takes.

const placeholder = /\{([^{}]*)\}/g

const isFilled = (value) => ["string", "number", "boolean"].includes(typeof value) && value !== ""

/** Device names of Windows, with or without an extension. */
const device = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i

/** Why a name can't be a file's; null when it can. */
export const nameProblem = (name) => {
  if (name === "") return "is empty"
  if (Buffer.byteLength(name) > 255) return "is longer than 255 bytes"
  if (/[<>:"/\\|?*\u0000-\u001f\u007f]/.test(name))
    return 'holds one of < > : " / \\ | ? * or a control character'
  if (name.startsWith(".")) return "begins with a dot"
  if (/^\s|[\s.]$/.test(name)) return "begins or ends with a space, or ends with a dot"
  return device.test(name) ? "is a device's name on Windows" : null
}

/** Names that some file systems take for one. */
export const folded = (path) => path.normalize("NFC").toLowerCase()

const ofFile = ["name", "ext"]

const valueProblems = (name, variables) => {
  if (!Object.hasOwn(variables, name)) {
    return [`filename_rule uses {${name}}, and there is no such variable`]
  }
  const value = variables[name]
  if (!isFilled(value)) return [`filename_rule uses {${name}}, which nobody has filled in`]
  // With letters around it, only what can't be in the middle of a name counts.
  const problem = nameProblem(`x${value}x`)
  return problem === null ? [] : [`filename_rule uses {${name}}, whose value "${value}" ${problem}`]
}

/** What `{project}` and its like stand for, besides the variables. */
export const withFacts = (variables) => ({ project: variables.project_short_id, ...variables })

export const ruleProblems = (rule, variables) => {
  if (typeof rule !== "string" || rule.trim() === "") {
    return ["filename_rule must be a text such as {project}_{name}{ext}"]
  }
  const names = [...new Set([...rule.matchAll(placeholder)].map(([, name]) => name))]
  const written = rule.replace(placeholder, "")
  const problem = nameProblem(`x${written}x`)
  return [
    ...(/[{}]/.test(written) ? ["filename_rule has a brace without its partner"] : []),
    ...(problem === null ? [] : [`filename_rule ${problem}`]),
    ...(names.includes("ext") ? [] : ["filename_rule has no {ext}: files would lose their extension"]),
    ...names
      .filter((name) => !ofFile.includes(name))
      .flatMap((name) => valueProblems(name, withFacts(variables))),
  ]
}

/** The new name of a file. */
export const renamed = (rule, file, variables) => {
  const dot = file.lastIndexOf(".")
  const [name, ext] = dot > 0 ? [file.slice(0, dot), file.slice(dot)] : [file, ""]
  const values = { ...withFacts(variables), name, ext }
  return rule.replace(placeholder, (_, key) => String(values[key])).normalize("NFC")
}
