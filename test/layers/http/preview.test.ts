import { existsSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, post, projectBody } from "./calls.ts"
import { startService } from "./service.ts"

it.scopedLive("a preview tells over HTTP what would be made, and makes nothing", () =>
  Effect.gen(function* () {
    const { localRoot, url } = yield* startService()
    const seen = yield* post(`${url}/api/v1/sessions/preview?text=notes.txt`, projectBody)
    expect(seen.status).toBe(200)
    expect(seen.json).toMatchObject({
      destination: `${localRoot}/DEMO_01/PROJ-0042`,
      directories: ["raw"],
      plugins: [],
      text: "Mitochondria in motion by asmith\n",
    })
    const stray = yield* post(`${url}/api/v1/sessions/preview?text=nope.txt`, projectBody)
    expect([stray.status, stray.json]).toMatchObject([422, { code: "validation_failed", field: "text" }])
    expect(stray.json["message"]).toContain("notes.txt")
    const refused = yield* post(`${url}/api/v1/sessions/preview`, { ...projectBody, label: "", stranger: 1 })
    expect([refused.status, refused.json["code"]]).toEqual([422, "validation_failed"])
    expect(refused.json["trace_id"]).toBe(refused.headers.get("x-trace-id"))
    expect(existsSync(localRoot)).toBe(false)
    expect((yield* call(`${url}/api/v1/sessions`)).json).toEqual({ sessions: [], next_cursor: null })
  }),
)
