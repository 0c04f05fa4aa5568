import { Effect } from "effect"
import { type Answer, call, post, projectBody } from "./calls.ts"
import type { Service } from "./service.ts"

export const path = "DEMO_01/PROJ-0042"

export const get = ({ url }: Service, at: string) => call(`${url}/api/v1${at}`)
export const ask = ({ url }: Service, at: string, body: unknown = "") => post(`${url}/api/v1${at}`, body)

export const refusal = ({ json, status }: Answer) => [status, json["code"]]

/** The project at `path`, when it is there. */
export const makeProject = (service: Service) =>
  Effect.gen(function* () {
    const { json } = yield* ask(service, "/sessions", projectBody)
    yield* get(service, `/sessions/${String(json["session_id"])}/events`)
  })
