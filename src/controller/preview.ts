import { DateTime, Effect } from "effect"
import type { CreateRequest, SessionKind } from "../domain/CreateRequest.ts"
import { GateRefused } from "../domain/Errors.ts"
import type { Preview, PreviewFile } from "../domain/Preview.ts"
import { SessionId } from "../domain/Session.ts"
import { openEntry } from "../domain/SessionEntry.ts"
import { PluginHost } from "../ports/PluginHost.ts"
import { TemplateEngine } from "../ports/TemplateEngine.ts"
import { gate } from "./gate.ts"
import { issue } from "./requestChecks.ts"

/** The session of a preview is no session: nobody finds it. */
const nobody = SessionId.make("00000000-0000-4000-8000-000000000000")

/** More names than this help nobody who looks for one. */
const listedFiles = 20

const notMade = (wantedText: string, files: ReadonlyArray<PreviewFile>) => {
  const names = files.slice(0, listedFiles).map(({ path }) => path)
  const rest = files.length - names.length
  const all = [...names, ...(rest === 0 ? [] : [`${rest} more in the preview without a text`])].join(", ")
  const message = `must be a file of the template's (${all}), and ${wantedText} is none; README.md and the records in .exlab-wizard are written besides, without a preview`
  return new GateRefused({ issues: [issue("text", "validation_failed", message)] })
}

/**
 * What a request would come to: the gate, and a rendering of the template's files that stays in memory. Nothing is
 * written. `README.md` and the records aren't in it: they tell of a creation, as its session and its time.
 */
export const preview = Effect.fn("CreationController.preview")(function* (
  kind: SessionKind,
  request: CreateRequest,
  wantedText: string | null,
) {
  const engine = yield* TemplateEngine
  const plugins = yield* PluginHost
  const { session } = openEntry(nobody, kind, request, 0, yield* DateTime.now)
  const { answers, place, template } = yield* gate(session)
  const variables = { builtIn: place.builtIn, answers }
  const { directories, files, text } = yield* engine.preview(template, variables, wantedText)
  if (wantedText !== null && !files.some(({ path }) => path === wantedText)) {
    return yield* notMade(wantedText, files)
  }
  const candidates = yield* plugins.candidates({
    plugins: template.plugins,
    files: files.map(({ path }) => path),
    variables: { ...place.builtIn, ...answers },
  })
  const seen: Preview = {
    destination: place.destination.path,
    directories,
    files: files.map(({ origin, path, size }) => ({ path, origin, size })),
    plugins: candidates,
    text,
  }
  return seen
})

export type PreviewError = Effect.Effect.Error<ReturnType<typeof preview>>
