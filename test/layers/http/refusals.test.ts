import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SessionState } from "../../../src/domain/SessionState.ts"
import { SyncJobState } from "../../../src/domain/SyncJob.ts"
import { call, post } from "./calls.ts"
import { exchange, request, told } from "./rawSocket.ts"
import { startService } from "./service.ts"

const mebi = 1024 * 1024

const unknown = "00000000-0000-4000-8000-000000000000"

describe("what isn't a request that the service takes", () => {
  it.scopedLive("leaves as the envelope, with the trace id of its header", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const sessions = `${url}/api/v1/sessions`
      const json = { "content-type": "application/json" }
      const cases: ReadonlyArray<readonly [Promise<Response>, number, string]> = [
        [fetch(`${url}/nowhere`), 404, "not_found"],
        [fetch(`${sessions}/${unknown}`), 404, "session_not_found"],
        [fetch(`${sessions}/${unknown}/events`), 404, "session_not_found"],
        [fetch(`${sessions}/not-an-id`), 400, "malformed_request"],
        [fetch(`${sessions}/%2e%2e%2f`), 400, "malformed_request"],
        [fetch(`${sessions}?limit=many`), 400, "malformed_request"],
        [fetch(`${sessions}?state=gone`), 400, "malformed_request"],
        [fetch(`${sessions}/${unknown}/events?after=-1`), 400, "malformed_request"],
        [fetch(sessions, { method: "DELETE" }), 405, "method_not_allowed"],
        [fetch(sessions, { method: "POST", body: "{", headers: json }), 400, "malformed_json"],
        [fetch(sessions, { method: "POST", body: "", headers: json }), 400, "malformed_json"],
        [
          fetch(sessions, { method: "POST", body: new Uint8Array([0x22, 0xff, 0x22]), headers: json }),
          400,
          "malformed_json",
        ],
        [fetch(sessions, { method: "POST", body: "[]", headers: json }), 400, "malformed_request"],
        [
          fetch(sessions, { method: "POST", body: '{"kind":"dance"}', headers: json }),
          400,
          "malformed_request",
        ],
        [
          fetch(sessions, { method: "POST", body: '{"kind":"run","equipmentId":"A"}', headers: json }),
          400,
          "malformed_request",
        ],
        [
          fetch(sessions, {
            method: "POST",
            body: '{"kind":"run"}',
            headers: { "content-type": "text/plain" },
          }),
          400,
          "malformed_request",
        ],
        [
          fetch(sessions, { method: "POST", body: '{"kind":"run"}', headers: json }),
          422,
          "validation_failed",
        ],
        [
          fetch(`${sessions}/${unknown}/resume`, { method: "POST", body: "{}", headers: json }),
          400,
          "malformed_request",
        ],
        [
          fetch(`${sessions}/${unknown}/cancel`, { method: "POST", body: '{"discard":1}', headers: json }),
          400,
          "malformed_request",
        ],
        [
          fetch(`${sessions}/${unknown}/cancel`, { method: "POST", body: "{}", headers: json }),
          404,
          "session_not_found",
        ],
        [fetch(`${url}/api/v1/templates/none`), 404, "template_not_found"],
      ]
      for (const [sent, status, code] of cases) {
        const response = yield* Effect.promise(() => sent)
        const body = yield* Effect.promise(() => response.json() as Promise<Record<string, unknown>>)
        expect([response.url, response.status, body["code"]]).toEqual([response.url, status, code])
        expect(body["trace_id"]).toBe(response.headers.get("x-trace-id"))
      }
    }),
  )

  it.scopedLive("a query is refused for a name that isn't known, and for a value, in one sentence each", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const refusals = {
        "sessions?stat=done": "stat: is no parameter here; known are: state, kind, limit, cursor",
        "sessions?limit=5&a=1&b&a=2":
          "a: is no parameter here; known are: state, kind, limit, cursor; " +
          "b: is no parameter here; known are: state, kind, limit, cursor",
        "health?verbose=1": "verbose: is no parameter here; known are: none",
        [`sessions/${unknown}/events?from=1`]: "from: is no parameter here; known are: after",
        "sessions?state=foo": `state: must be one of ${SessionState.literals.join(", ")}`,
        "sessions?kind=runs": "kind: must be one of project, run",
        "sessions?kind=run&kind=run": "kind: is given 2 times: give it once",
        "sessions?limit=1&limit=2&x":
          "limit: is given 2 times: give it once; x: is no parameter here; known are: state, kind, limit, cursor",
        "sessions?cursor=foo": "cursor: must be the `next_cursor` of a page",
        "sessions?cursor=": "cursor: must be the `next_cursor` of a page",
        "docs?x=1": "x: is no parameter here; known are: none",
        "openapi.json?x=1": "x: is no parameter here; known are: none",
        "sessions?limit=0": "limit: must be a whole number between 1 and 1000",
        "sync/jobs?state=": `state: must be one of ${SyncJobState.literals.join(", ")}`,
        ...Object.fromEntries(
          ["sessions", "sync/jobs", "tree", "problems"].map((route) => [
            `${route}?cursor=${route}`,
            "cursor: must be the `next_cursor` of a page",
          ]),
        ),
        [`sessions/${unknown}/events?after=x`]: "after: must be a whole number, 0 or more",
        "templates?equipment_id=NONE": "equipment_id: must be one of DEMO_01",
        "templates/plain_run?equipment_id=": "equipment_id: must be one of DEMO_01",
      }
      for (const [path, message] of Object.entries(refusals)) {
        const { json, status } = yield* call(`${url}/api/v1/${path}`)
        expect([path, status, json]).toMatchObject([path, 400, { code: "malformed_request", message }])
      }
      const posted = yield* post(`${url}/api/v1/sessions?dry_run=true`, "{}")
      expect([posted.status, posted.json["message"]]).toEqual([
        400,
        "dry_run: is no parameter here; known are: none",
      ])
    }),
  )

  it.scopedLive("a body that is no object is told so, whichever call it is for", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const calls = [
        "sessions",
        "sessions/preview",
        `sessions/${unknown}/resume`,
        `sessions/${unknown}/cancel`,
      ]
      for (const path of [...calls, "problems/override", "sync/jobs"])
        for (const body of ["null", "[]", "3"]) {
          const { json, status } = yield* post(`${url}/api/v1/${path}`, body)
          expect([path, status, json]).toMatchObject([
            path,
            400,
            { code: "malformed_request", message: "the body must be an object" },
          ])
        }
    }),
  )

  it.scopedLive("a body that is compressed is refused, one that is said not to be isn't", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const send = (encoding: string) =>
        call(`${url}/api/v1/problems/refresh`, {
          method: "POST",
          body: "{}",
          headers: { "content-type": "application/json", "content-encoding": encoding },
        })
      const { json, status } = yield* send("gzip")
      expect([status, json]).toMatchObject([400, { code: "malformed_request" }])
      expect(json["message"]).toContain("leave the header Content-Encoding out")
      expect((yield* send("Identity")).status).toBe(200)
    }),
  )

  it.scopedLive("who asks before sending too large a body is refused at once", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const ask = (length: number, body = "") => {
        const headers = { "content-type": "application/json", expect: "100-continue" }
        return request(url, "POST /api/v1/sessions", { ...headers, "content-length": String(length) }, body)
      }
      expect(told(yield* ask(2 * mebi))).toMatchObject({ status: 413, code: "payload_too_large" })
      expect(yield* ask(2, "[]")).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /)
    }),
  )

  it.scopedLive("a trace id that is one is taken over, any other is not", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const given = yield* call(`${url}/nowhere`, { headers: { "x-trace-id": "lims-4711.a_B" } })
      expect([given.headers.get("x-trace-id"), given.json["trace_id"]]).toEqual([
        "lims-4711.a_B",
        "lims-4711.a_B",
      ])
      const bad = yield* call(`${url}/nowhere`, { headers: { "x-trace-id": "a b" } })
      expect(bad.headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/)
    }),
  )

  it.scopedLive("a body that says it will be too long is refused before it is sent", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      for (const line of ["POST /api/v1/sessions", "POST /api/v1/nope", "GET /api/v1/health"]) {
        const answer = yield* request(url, line, {
          "content-type": "application/json",
          "content-length": "9000000000",
        })
        expect(told(answer)).toEqual({ status: 413, code: "payload_too_large", traced: true })
      }
    }),
  )

  it.scopedLive("what Node would answer by itself has the envelope, too", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const expecting = yield* request(url, "GET /api/v1/health", { expect: "foo" })
      expect(told(expecting)).toEqual({ status: 417, code: "malformed_request", traced: true })
      const hostless = yield* exchange(url, "GET /api/v1/health HTTP/1.1\r\nconnection: close\r\n\r\n")
      expect(told(hostless)).toEqual({ status: 403, code: "forbidden_host", traced: true })
    }),
  )

  it.scopedLive(
    "a body that comes with an offer of another protocol is refused, and the offer alone ignored",
    () =>
      Effect.gen(function* () {
        const { url } = yield* startService()
        const offer = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "" }
        expect(yield* request(url, "GET /api/v1/ready", offer)).toMatch(/^HTTP\/1.1 200 /)
        const json = { "content-type": "application/json" }
        for (const framing of [{ "content-length": "2" }, { "transfer-encoding": "chunked" }]) {
          const answer = yield* request(url, "POST /api/v1/sessions", { ...offer, ...json, ...framing }, "{}")
          expect(told(answer)).toEqual({ status: 400, code: "malformed_request", traced: true })
        }
      }),
  )

  it.scopedLive("an id that can't be read is malformed, not another method's", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      for (const id of ["%", "%zz", "%ff", "%C0%AE", "a".repeat(5000)]) {
        const answer = yield* request(url, `GET /api/v1/sessions/${id}`, {})
        expect(told(answer)).toEqual({ status: 400, code: "malformed_request", traced: true })
      }
    }),
  )

  it.scopedLive("a body past 1 MiB is 413, whether it says its length or not", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      const sessions = `${url}/api/v1/sessions`
      const big = yield* post(sessions, `"${"a".repeat(mebi)}"`)
      expect([big.status, big.json["code"]]).toEqual([413, "payload_too_large"])
      const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`
      const head = `POST /api/v1/sessions HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
      const chunked = yield* exchange(url, head, ...Array.from({ length: 17 }, () => chunk), "0\r\n\r\n")
      expect(told(chunked)).toEqual({ status: 413, code: "payload_too_large", traced: true })
      const fits = yield* post(sessions, `"${"a".repeat(mebi - 2)}"`)
      expect(fits.status).toBe(400)
    }),
  )

  it.scopedLive("bytes that are no HTTP and floods of headers are answered and cut off", () =>
    Effect.gen(function* () {
      const { url } = yield* startService()
      expect(told(yield* exchange(url, "HELO service\r\n\r\n"))).toEqual({
        status: 400,
        code: "malformed_request",
        traced: true,
      })
      const flood = Array.from({ length: 2000 }, (_, index) => [`x-${index}`, "a".repeat(20)] as const)
      expect(told(yield* request(url, "GET /api/v1/sessions", Object.fromEntries(flood)))).toEqual({
        status: 431,
        code: "malformed_request",
        traced: true,
      })
      const small = Object.fromEntries(Array.from({ length: 2500 }, (_, n) => [n.toString(36), ""]))
      const hidden = { ...small, origin: "http://evil.example" }
      expect(told(yield* request(url, "GET /api/v1/sessions", hidden)).code).toBe("forbidden_origin")
      const nested = yield* post(
        `${url}/api/v1/sessions`,
        `{"kind":"project","variables":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
      )
      expect([nested.status, nested.json["code"]]).toEqual([422, "validation_failed"])
    }),
  )
})
