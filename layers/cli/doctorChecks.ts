/** One thing that was looked at; `remedy` says what to do when it isn't well. */
export interface Check {
  readonly name: string
  readonly status: "ok" | "warning" | "error"
  readonly message: string
  readonly remedy: string
}

export const ok = (name: string, message: string): Check => ({ name, status: "ok", message, remedy: "" })
export const warning = (name: string, message: string, remedy: string): Check => {
  return { name, status: "warning", message, remedy }
}
export const error = (name: string, message: string, remedy: string): Check => {
  return { name, status: "error", message, remedy }
}
