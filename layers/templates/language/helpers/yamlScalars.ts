const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** Escapes what JSON leaves as it is, though YAML 1.1 breaks lines at some of it and refuses the rest. */
export const escapeUnprintable = (quoted: string): string =>
  quoted.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** A quoted scalar on one line, the same to every YAML parser. */
export const yamlText = (text: string): string => escapeUnprintable(JSON.stringify(text))

/** YAML 1.1 takes `1e+21` for a text and `1.0e+21` for a number. */
export const yamlNumber = (value: number): string => String(value).replace(/^(-?\d+)e/, "$1.0e")
