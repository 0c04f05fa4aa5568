import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { settingName } from "../../src/domain/settingName.ts"

it("names a setting as a file does", () => {
  expect(settingName("plugins", "readablePaths")).toBe("plugins.readable_paths")
  expect(settingName("sessions", "maxOpen")).toBe("sessions.max_open")
})

const root = resolve(import.meta.dirname, "../..")

/** The texts in a source but for its comments, without what is put into them. */
const textsIn = (source: string): ReadonlyArray<string> =>
  [...source.replace(/\/\*[^]*?\*\/|\$\{[^}]*\}/g, "").matchAll(/"[^"\n]*"|`[^`]*`/g)].map(([text]) => text)

it("no text of the program names a setting as only its code does", () => {
  const ofCode = Object.entries(withDefaults({})).flatMap(([group, value]) =>
    Object.keys(value).flatMap((key) => (/[A-Z]/.test(key) ? [`${group}.${key}`] : [])),
  )
  expect(ofCode).toContain("plugins.readablePaths")
  const files = ["src", "layers"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, folder, name)),
  )
  const found = files.flatMap((file) =>
    textsIn(readFileSync(file, "utf8")).filter((text) => ofCode.some((name) => text.includes(name))),
  )
  expect(found).toEqual([])
})
