import { Lexer, Parser } from "yaml"

/** Values in values: twice what our own data may hold, a sixth of what the stack takes. */
export const maxNesting = 128

/**
 * Whether a text is nested so deeply that composing it could overflow the stack. That is more than an
 * error: a regular expression that is first compiled with no stack left ends the process. The token
 * parser used here needs no stack, and stops at the first value that is too deep.
 */
export const isNestedTooDeeply = (text: string): boolean => {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme))
    if (parser.stack.length > maxNesting) return true
  }
  return false
}
