import { Prompt } from "@effect/cli"
import { Effect } from "effect"
import { type Field, isBlank, typed, valueProblem } from "../../src/domain/Field.ts"
import { isJson, type Json } from "../../src/domain/Json.ts"

/** Whether a person can be asked: questions are drawn on standard output. */
export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

const messageOf = ({ hint, label, required }: Field): string =>
  `${label}${hint === undefined ? "" : ` – ${hint}`}${required === true ? "" : " (may stay empty)"}`

const askText = (field: Field): Prompt.Prompt<Json> => {
  const suggested = isJson(field.default) && !isBlank(field.default) ? String(field.default) : ""
  return Prompt.text({
    message: messageOf(field),
    default: suggested,
    validate: (text) => {
      if (isBlank(text)) return field.required === true ? Effect.fail("is required") : Effect.succeed("")
      const problem = valueProblem(field, typed(field, text))
      return problem === null ? Effect.succeed(text) : Effect.fail(problem)
    },
  }).pipe(Prompt.map((text): Json => (isBlank(text) ? "" : typed(field, text))))
}

const askChoice = (field: Field): Prompt.Prompt<Json> => {
  const options = field.options ?? []
  const first = options.filter((option) => option === field.default)
  const ordered = [...first, ...options.filter((option) => option !== field.default)]
  const none = field.required === true ? [] : [{ title: "(none)", value: "" }]
  return Prompt.select<Json>({
    message: field.label,
    choices: [...ordered.map((option) => ({ title: option, value: option })), ...none],
  })
}

const promptFor = (field: Field): Prompt.Prompt<Json> => {
  if (field.type === "choice") return askChoice(field)
  if (field.type !== "boolean") return askText(field)
  return Prompt.toggle({
    message: field.label,
    initial: field.default === true,
    active: "yes",
    inactive: "no",
  }).pipe(Prompt.map((isOn): Json => isOn))
}

/** Asks at the terminal. Ctrl-C interrupts, as it does everywhere else. */
export const ask = (field: Field) =>
  Effect.catchTag(Prompt.run(promptFor(field)), "QuitException", () => Effect.interrupt)
