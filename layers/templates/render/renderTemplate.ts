import { Clock, type DateTime, Effect, Either } from "effect"
import type { DiskError, TemplateRenderFailed } from "../../../src/domain/Errors.ts"
import { jsonProblems } from "../../../src/domain/Json.ts"
import type { RenderResult, ResolvedTemplate, TemplateVariables } from "../../../src/domain/Template.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { RenderProgress, TemplatePreview } from "../../../src/ports/TemplateEngine.ts"
import type { Program } from "../language/Program.ts"
import type { TemplateTree } from "../tree/TemplateTree.ts"
import { answersText } from "./answersText.ts"
import { planTree, renderFailed } from "./planTree.ts"
import { previewTree } from "./previewTree.ts"
import type { RenderLimits, Rendering } from "./Rendering.ts"
import { renderText, writeTree } from "./writeTree.ts"

/** The partials that parsed; a template with others isn't rendered. */
const programsOf = (tree: TemplateTree): ReadonlyMap<string, Program> =>
  new Map(
    [...tree.partials].flatMap(([name, { text }]): ReadonlyArray<[string, Program]> =>
      text !== null && Either.isRight(text) ? [[name, text.right]] : [],
    ),
  )

const variablesOf = ({ builtIn, answers }: TemplateVariables): Rendering["variables"] =>
  Object.fromEntries([...Object.entries(answers), ...Object.entries(builtIn)])

const renderBody = (rendering: Rendering): Either.Either<string | null, TemplateRenderFailed> => {
  const body = rendering.tree.files.find(({ role }) => role === "body")
  return body === undefined
    ? Either.right(null)
    : Either.map(renderText(rendering, body, rendering.limits.maxFileBytes), (bytes) =>
        bytes.toString("utf8"),
      )
}

/** All that rendering stands on, if the variables are plain data. */
const renderingOf = (
  tree: TemplateTree,
  variables: TemplateVariables,
  zone: DateTime.TimeZone,
  limits: RenderLimits,
): Either.Either<Rendering, TemplateRenderFailed> => {
  const rendering: Rendering = {
    tree,
    variables: variablesOf(variables),
    evaluation: { zone: variables.timeZone ?? zone, partials: programsOf(tree) },
    limits,
  }
  const [notPlain] = jsonProblems(rendering.variables, "variables")
  return notPlain === undefined
    ? Either.right(rendering)
    : Either.left(renderFailed(rendering, "", `${notPlain.path} ${notPlain.reason}`))
}

/** What rendering would come to. Nothing is written. */
export const previewTemplate = (zone: DateTime.TimeZone, limits: RenderLimits) =>
  Effect.fnUntraced(function* (
    tree: TemplateTree,
    template: ResolvedTemplate,
    variables: TemplateVariables,
    wantedText: string | null,
  ) {
    const rendering = yield* renderingOf(tree, variables, zone, limits)
    const readmeBody = yield* renderBody(rendering)
    const seen = yield* previewTree(rendering, answersText(template, variables.answers), wantedText)
    const preview: TemplatePreview = { ...seen, readmeBody }
    return preview
  })

/** Renders a template that was read and checked into an existing empty directory. */
export const renderTemplate = (disk: typeof Disk.Service, zone: DateTime.TimeZone, limits: RenderLimits) =>
  Effect.fnUntraced(function* (
    tree: TemplateTree,
    template: ResolvedTemplate,
    destination: string,
    variables: TemplateVariables,
    progress: RenderProgress,
  ): Effect.fn.Return<RenderResult, TemplateRenderFailed | DiskError> {
    const started = yield* Clock.currentTimeMillis
    const rendering = yield* renderingOf(tree, variables, zone, limits)
    const plan = yield* planTree(tree, rendering)
    const readmeBody = yield* renderBody(rendering)
    const answers = answersText(template, variables.answers)
    const files = yield* writeTree(disk, rendering, plan, answers, destination, progress)
    return { files, readmeBody, durationMillis: (yield* Clock.currentTimeMillis) - started }
  })
