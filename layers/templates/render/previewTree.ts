import { Clock, Effect } from "effect"
import type { PreviewFile } from "../../../src/domain/Preview.ts"
import type { TemplatePreview } from "../../../src/ports/TemplateEngine.ts"
import { answersFile } from "../tree/nameProblems.ts"
import { planTree, renderFailed } from "./planTree.ts"
import type { Rendering } from "./Rendering.ts"
import { copiedBytes, limitReason, renderText, turnMillis } from "./writeTree.ts"

/** What rendering would make, within the same limits; of the texts only the one that is wanted is kept. */
export const previewTree = Effect.fnUntraced(function* (
  rendering: Rendering,
  answers: string,
  wantedText: string | null,
) {
  const plan = yield* planTree(rendering.tree, rendering)
  const { maxTotalBytes } = rendering.limits
  const answersBytes = Buffer.byteLength(answers)
  let left = maxTotalBytes - copiedBytes(plan) - answersBytes
  if (left < 0) return yield* renderFailed(rendering, "", limitReason("the tree", maxTotalBytes))
  const files: Array<PreviewFile> = [{ path: answersFile, origin: "rendered", size: answersBytes }]
  let text = wantedText === answersFile ? answers : null
  let turn = yield* Clock.currentTimeMillis
  for (const { file, path } of plan.files) {
    if (file.role === "copy") {
      files.push({ path, origin: "copied", size: file.size })
      continue
    }
    const bytes = yield* renderText(rendering, file, left)
    left -= bytes.length
    files.push({ path, origin: "rendered", size: bytes.length })
    if (path === wantedText) text = bytes.toString("utf8")
    if ((yield* Clock.currentTimeMillis) - turn > turnMillis) {
      yield* Effect.yieldNow()
      turn = yield* Clock.currentTimeMillis
    }
  }
  const seen: TemplatePreview = { directories: plan.directories, files, text }
  return seen
})
