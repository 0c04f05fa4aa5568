import { Clock, Effect } from "effect"
import type { RenderedFile } from "../../../src/domain/Template.ts"
import { answersFile } from "../tree/nameProblems.ts"
import { sha256 } from "../tree/readContents.ts"
import { planTree, renderFailed } from "./planTree.ts"
import type { Rendering } from "./Rendering.ts"
import { copiedBytes, limitReason, renderText, turnMillis } from "./writeTree.ts"

const rendered = (path: string, bytes: Buffer, source: string | null): RenderedFile => ({
  path,
  origin: "rendered",
  size: bytes.length,
  sha256: sha256(bytes),
  source,
})

/** What rendering would make, within the same limits; of the texts only the one that is wanted is kept. */
export const previewTree = Effect.fnUntraced(function* (
  rendering: Rendering,
  answers: string,
  wantedText: string | null,
) {
  const plan = yield* planTree(rendering.tree, rendering)
  const { maxTotalBytes } = rendering.limits
  const answersBytes = Buffer.from(answers, "utf8")
  let left = maxTotalBytes - copiedBytes(plan) - answersBytes.length
  if (left < 0) return yield* renderFailed(rendering, "", limitReason("the tree", maxTotalBytes))
  const files: Array<RenderedFile> = [rendered(answersFile, answersBytes, null)]
  let text = wantedText === answersFile ? answers : null
  let turn = yield* Clock.currentTimeMillis
  for (const { file, path } of plan.files) {
    if (file.role === "copy") {
      files.push({ path, origin: "copied", size: file.size, sha256: file.sha256, source: file.path })
      continue
    }
    const bytes = yield* renderText(rendering, file, left)
    left -= bytes.length
    files.push(rendered(path, bytes, file.path))
    if (path === wantedText) text = bytes.toString("utf8")
    if ((yield* Clock.currentTimeMillis) - turn > turnMillis) {
      yield* Effect.yieldNow()
      turn = yield* Clock.currentTimeMillis
    }
  }
  return { directories: plan.directories, files, text }
})
