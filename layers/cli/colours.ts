import { stripVTControlCharacters } from "node:util"
import { Terminal } from "@effect/platform"
import { Console, Effect } from "effect"

/** Whether standard output is to have no colours. https://no-color.org */
export const isPlain = (): boolean => process.stdout.isTTY !== true || (process.env["NO_COLOR"] ?? "") !== ""

const isColour = (code: string): boolean => /^(?:[34]\d|9[0-7]|10[0-7])$/.test(code)

/** Without colours; what else draws a text, such as the line below a choice, stays. */
export const withoutColour = (text: string): string =>
  text.replace(/\u001B\[([\d;]*)m/g, (_, codes: string) => {
    const others = codes.split(";").filter((code) => !isColour(code))
    return others.length === 0 ? "" : `\u001B[${others.join(";")}m`
  })

const plain =
  (log: (text: string) => Effect.Effect<void>) =>
  (...words: ReadonlyArray<unknown>) =>
    log(stripVTControlCharacters(words.map(String).join(" ")))

/** What the parser says and asks comes in colours, whoever reads it: here it doesn't. */
export const withoutColours = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R | Terminal.Terminal> =>
  Effect.consoleWith((console) =>
    Console.withConsole(effect, { ...console, log: plain(console.log), error: plain(console.error) }),
  ).pipe(
    Effect.updateService(Terminal.Terminal, (terminal) => ({
      ...terminal,
      display: (text: string) => terminal.display(withoutColour(text)),
    })),
  )
