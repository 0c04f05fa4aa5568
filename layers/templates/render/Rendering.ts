import type { JsonObject } from "../../../src/domain/Json.ts"
import type { EvaluationOptions } from "../language/evaluation.ts"
import type { TemplateTree } from "../tree/TemplateTree.ts"

export interface RenderLimits {
  /** Bytes of one rendered file. */
  readonly maxFileBytes: number
  /** Bytes of the whole tree. */
  readonly maxTotalBytes: number
}

/** One rendering of one template: what all its steps share. */
export interface Rendering {
  readonly tree: TemplateTree
  /** Everything that expressions may name. */
  readonly variables: JsonObject
  readonly evaluation: Pick<EvaluationOptions, "zone" | "partials">
  readonly limits: RenderLimits
}
