import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { call } from "./calls.ts"
import { startService } from "./service.ts"

it.scopedLive("the reference and its document are the same for all who ask, the first and later ones", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const three = (path: string) =>
      Effect.all(
        Array.from({ length: 3 }, () => call(`${url}/api/v1/${path}`)),
        { concurrency: 2 },
      )
    const pages = yield* three("docs")
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1)
    for (const { headers, text } of pages) {
      expect(text).toContain('id="api-reference"')
      expect(headers.get("content-security-policy")).toContain("connect-src 'self'")
    }
    const documents = yield* three("openapi.json")
    expect(new Set(documents.map(({ text }) => text)).size).toBe(1)
    expect(documents[0]?.json).toMatchObject({ openapi: "3.1.0" })
  }),
)
