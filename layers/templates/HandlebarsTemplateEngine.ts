import { DateTime, Effect, Either, Layer } from "effect"
import { TemplateLoadError, TemplateRenderFailed } from "../../src/domain/Errors.ts"
import type { LocatedTemplate, ResolvedTemplate } from "../../src/domain/Template.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import { checkTemplate } from "./checkTemplate.ts"
import { lintTemplates } from "./lint/lintTemplate.ts"
import { questionsOf } from "./manifest/questions.ts"
import { type Problem, sentences } from "./problems.ts"
import { answerQuestions } from "./render/answerQuestions.ts"
import { previewTemplate, renderTemplate } from "./render/renderTemplate.ts"
import { listTemplates } from "./tree/listTemplates.ts"
import { locateTemplate } from "./tree/locateTemplate.ts"
import * as Manifests from "./tree/Manifests.ts"
import type { TemplateTree } from "./tree/TemplateTree.ts"
import * as TemplateTrees from "./tree/TemplateTrees.ts"

const mebi = 1024 * 1024

const refuse = (
  { manifest }: Pick<LocatedTemplate, "manifest">,
  reason: string,
  problems: ReadonlyArray<Problem>,
): TemplateLoadError =>
  new TemplateLoadError({
    path: manifest.name,
    reason,
    problems: sentences(problems),
    code: problems.some(({ code }) => code === "core_field_redeclared")
      ? "template_core_field_redeclared"
      : "template_load_error",
  })

/** Manifests are compared by what they say: the same file may have been decoded twice. */
const isStill = (located: LocatedTemplate, { source }: TemplateTree): boolean =>
  source.manifest === located.manifest || JSON.stringify(source.manifest) === JSON.stringify(located.manifest)

const make = Effect.gen(function* () {
  const disk = yield* Disk
  const settings = yield* Settings
  const zone = DateTime.zoneUnsafeMakeNamed(settings.timeZone)
  const { maxFiles, maxDepth, maxFileMib, maxTotalMib } = settings.templates
  const manifests = Manifests.make(disk)
  const trees = TemplateTrees.make(disk, manifests, { maxFiles, maxDepth })
  const locate = locateTemplate(disk, manifests, settings)
  const list = listTemplates(disk, locate, settings)
  const limits = { maxFileBytes: maxFileMib * mebi, maxTotalBytes: maxTotalMib * mebi }
  const render = renderTemplate(disk, zone, limits)
  const preview = previewTemplate(zone, limits)

  /** The template as it was resolved: from memory, or read again when it was dropped since. */
  const treeOf = Effect.fnUntraced(function* ({ root, digest, manifest }: ResolvedTemplate) {
    const remembered = trees.remembered(root, digest)
    if (remembered !== undefined) return remembered
    const loaded = yield* trees.load(root)
    if (Either.isRight(loaded) && loaded.right.digest === digest) return loaded.right
    const reason = "has changed since the template was checked; try again"
    return yield* new TemplateRenderFailed({ template: manifest.name, file: "", reason })
  })

  return TemplateEngine.of({
    locate: Effect.fn("TemplateEngine.locate")(function* (templatePath, { equipmentId }) {
      yield* Effect.annotateCurrentSpan({ template: templatePath, equipment: equipmentId })
      return yield* locate(templatePath, equipmentId)
    }),
    list: Effect.fn("TemplateEngine.list")(({ equipmentId }) => list(equipmentId)),
    resolve: Effect.fn("TemplateEngine.resolve")(function* (located, pluginVariables) {
      yield* Effect.annotateCurrentSpan("template", located.manifest.name)
      const loaded = yield* Effect.mapError(trees.load(located.root), (error) =>
        refuse(located, `can't be read: ${error.message}`, []),
      )
      if (Either.isLeft(loaded)) return yield* refuse(located, "can't be used", loaded.left)
      const tree = loaded.right
      if (!isStill(located, tree))
        return yield* refuse(located, "has changed while it was looked at; try again", [])
      const problems = checkTemplate(tree, pluginVariables).filter(({ severity }) => severity === "error")
      if (problems.length > 0) return yield* refuse(located, "can't be used", problems)
      const resolved: ResolvedTemplate = {
        manifest: located.manifest,
        root: located.root,
        origin: located.origin,
        digest: tree.digest,
        plugins: located.manifest.plugins ?? [],
      }
      return resolved
    }),
    answer: Effect.fn("TemplateEngine.answer")(function* (template, builtIn, variables, pluginVariables) {
      const questions = questionsOf(template.manifest)
      return yield* answerQuestions({ questions, builtIn, variables, pluginVariables, zone })
    }),
    render: Effect.fn("TemplateEngine.render")(function* (template, destination, variables, progress) {
      yield* Effect.annotateCurrentSpan("template", template.manifest.name)
      const tree = yield* treeOf(template)
      return yield* render(tree, template, destination, variables, progress)
    }),
    preview: Effect.fn("TemplateEngine.preview")(function* (template, variables, wantedText) {
      yield* Effect.annotateCurrentSpan("template", template.manifest.name)
      return yield* preview(yield* treeOf(template), template, variables, wantedText)
    }),
    lint: Effect.fn("TemplateEngine.lint")(lintTemplates(disk, trees)),
  })
})

/**
 * Templates in Handlebars' language, read from the settings' template folders. Rules, limits and formats:
 * `docs/templates.md`. The settings' time zone must be one that the system knows.
 */
export const layer: Layer.Layer<TemplateEngine, never, Disk | Settings> = Layer.effect(TemplateEngine, make)
