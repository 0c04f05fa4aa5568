import { chmod, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { call } from "./calls.ts"
import { request, told } from "./rawSocket.ts"
import { startService } from "./service.ts"

const line = "GET /api/v1/sessions"

describe("who may call", () => {
  it.scopedLive("the service answers to its own names with its port, and to no others", () =>
    Effect.gen(function* () {
      const { url } = yield* startService({ http: { allowedHosts: ["lab.example:8443", "fe80::1", ""] } })
      const { port } = new URL(url)
      const own = [
        `127.0.0.1:${port}`,
        `localhost:${port}`,
        `LOCALHOST:${port}`,
        `[::1]:${port}`,
        "lab.example:8443",
        "[fe80::1]",
      ]
      for (const host of own) expect(yield* request(url, line, { host })).toMatch(/^HTTP\/1.1 200 /)
      const others = [
        "127.0.0.1",
        "evil.example",
        `evil.example:${port}`,
        `127.0.0.1:${port}.evil.example`,
        `127.0.0.2:${port}`,
        "",
      ]
      for (const host of others) {
        expect(told(yield* request(url, line, { host }))).toEqual({
          status: 403,
          code: "forbidden_host",
          traced: true,
        })
      }
    }),
  )

  it.scopedLive("pages of other origins are refused on every method and on upgrades", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const upgrade = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      }
      for (const origin of [
        "http://evil.example",
        "null",
        `${url}.evil.example`,
        `file://${new URL(url).host}`,
      ]) {
        for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
          const answer = told(yield* request(url, `${method} /api/v1/sessions`, { origin }))
          expect(answer).toEqual({ status: 403, code: "forbidden_origin", traced: true })
        }
        const path = "/api/v1/sessions/00000000-0000-4000-8000-000000000000/events"
        expect(told(yield* request(url, `GET ${path}`, { origin, ...upgrade })).code).toBe("forbidden_origin")
      }
      const ours = yield* request(url, line, { origin: url })
      expect(ours).toMatch(/^HTTP\/1.1 200 /)
      expect(ours.toLowerCase()).not.toContain("access-control")
    }),
  )

  it.scopedLive("the host that an absolute target names goes before the header", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const { host } = new URL(url)
      const at = (target: string, header = host) => request(url, `GET ${target}`, { host: header })
      expect(yield* at(`http://${host}/api/v1/ready`, "evil.example")).toMatch(/^HTTP\/1.1 200 /)
      expect(told(yield* at(`http://${host}/api/v1/ready?x=1`)).code).toBe("malformed_request")
      expect(told(yield* at(`http://${host}?x=1`)).code).toBe("not_found")
      for (const authority of ["evil.example", `evil.example@${host}`, `${host}.evil.example`, ""]) {
        const answer = told(yield* at(`http://${authority}/api/v1/ready`))
        expect(answer).toEqual({ status: 403, code: "forbidden_host", traced: true })
      }
    }),
  )

  it.scopedLive("a second Host header is no way around the first", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const answer = yield* request(url, line, { Host: "evil.example" })
      expect(answer).toMatch(/^HTTP\/1.1 40[03] /)
    }),
  )
})

describe("the token", () => {
  it.scopedLive("is made for its owner alone, and needed for all but what is public", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const tokenFile = join(folder, "token")
      const { url } = yield* startService({ http: { tokenFile } })
      const token = (yield* Effect.promise(() => readFile(tokenFile, "utf8"))).trim()
      expect(token.length).toBeGreaterThan(40)
      expect((yield* Effect.promise(() => stat(tokenFile))).mode & 0o777).toBe(0o600)
      const sessions = `${url}/api/v1/sessions`
      for (const authorization of [
        "",
        "Bearer",
        `Bearer ${token}x`,
        `Bearer ${token.slice(1)}`,
        `Basic ${token}`,
        token,
      ]) {
        const answer = yield* call(sessions, { headers: { authorization } })
        expect([answer.status, answer.json["code"]]).toEqual([401, "unauthorized"])
        expect(answer.headers.get("www-authenticate")).toBe("Bearer")
      }
      expect((yield* call(`${sessions}?token=${token}`)).status).toBe(401)
      expect((yield* call(sessions, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
      for (const path of ["ready", "openapi.json", "docs"]) {
        expect((yield* call(`${url}/api/v1/${path}`)).status).toBeLessThan(300)
      }
      expect((yield* call(`${url}/api/v1/health`)).status).toBe(401)
      yield* Effect.promise(() => chmod(tokenFile, 0o644))
      expect(Exit.isFailure(yield* Effect.exit(startService({ http: { tokenFile } })))).toBe(true)
    }),
  )

  it.scopedLive("without one the service doesn't start where others reach it", () =>
    Effect.gen(function* () {
      const problem = yield* Effect.flip(startService({ http: { host: "0.0.0.0" } }))
      expect(problem.message).toContain("a token is needed")
    }),
  )
})
