/** What may come next in a text of RFC 8259. */
type Wanted = "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "next"

const literal = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/

const skip = (text: string, at: number, what: RegExp): number => {
  let next = at
  while (next < text.length && what.test(text.charAt(next))) next += 1
  return next
}

/** Where a string ends; where it goes wrong, or the text ends before it does, is a fault. */
const stringAt = (text: string, start: number): { readonly end: number } | { readonly fault: number } => {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === '"') return { end: at + 1 }
    if (char < " ") return { fault: at }
    if (char !== "\\") continue
    const escape = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.exec(text.slice(at, at + 6))
    if (escape === null) return { fault: at }
    at += escape[0].length - 1
  }
  return { fault: text.length }
}

const scalarAt = (text: string, at: number): { readonly end: number } | { readonly fault: number } => {
  if (text[at] === '"') return stringAt(text, at)
  const end = skip(text, at, /[\w.+-]/)
  return literal.test(text.slice(at, end)) ? { end } : { fault: at }
}

const closerOf: Readonly<Record<string, string>> = { "{": "}", "[": "]" }

/** The offset of the first character that JSON doesn't have there, the text's length when it ends too early; null for JSON. */
export const jsonFault = (text: string): number | null => {
  const closers: Array<string> = []
  let wanted: Wanted = "value"
  for (let at = skip(text, 0, /[ \t\n\r]/); ; at = skip(text, at, /[ \t\n\r]/)) {
    const char = text.charAt(at)
    const closer = closers.at(-1)
    if (wanted === "next" && closer === undefined) return at === text.length ? null : at
    const mayEnd = wanted === "next" || wanted === "valueOrEnd" || wanted === "keyOrEnd"
    if (mayEnd && char !== "" && char === closer) {
      closers.pop()
      wanted = "next"
      at += 1
    } else if (wanted === "next" || wanted === "colon") {
      if (char !== (wanted === "next" ? "," : ":")) return at
      wanted = wanted === "next" && closer === "}" ? "key" : "value"
      at += 1
    } else if ((wanted === "value" || wanted === "valueOrEnd") && char in closerOf) {
      closers.push(closerOf[char] ?? "")
      wanted = char === "{" ? "keyOrEnd" : "valueOrEnd"
      at += 1
    } else {
      const isKey: boolean = wanted === "key" || wanted === "keyOrEnd"
      if (isKey && char !== '"') return at
      const scalar = scalarAt(text, at)
      if ("fault" in scalar) return scalar.fault
      at = scalar.end
      wanted = isKey ? "colon" : "next"
    }
  }
}

/** Where a text stops being JSON, for people. */
export const jsonFaultPlace = (text: string): string => {
  const fault = jsonFault(text) ?? text.length
  const before = text.slice(0, fault)
  const line = before.split("\n").length
  return fault === text.length
    ? `it ends too early, in line ${line}`
    : `line ${line}, column ${fault - before.lastIndexOf("\n")}`
}
