import { HttpApi, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Broken, Forbidden, Malformed, NotAllowed, TooLarge, Unauthorized, Unavailable } from "./ApiError.ts"
import { CatalogApi } from "./CatalogApi.ts"
import { DirectoriesApi } from "./DirectoriesApi.ts"
import { finishDocument } from "./openApiDocument.ts"
import { ProblemsApi } from "./ProblemsApi.ts"
import { SessionsApi } from "./SessionsApi.ts"
import { SyncApi } from "./SyncApi.ts"
import { SystemApi } from "./SystemApi.ts"

/** What doesn't fit the contract is answered with our own envelope, not with the platform's. */
const base = Object.assign(HttpApi.make("exlab-wizard"), { errorSchema: Schema.Never })

/**
 * The contract of the HTTP service: paths, bodies, errors with their statuses. A client needs only this; the
 * server is `layers/http`.
 */
export class Api extends base
  .add(SessionsApi)
  .add(CatalogApi)
  .add(DirectoriesApi)
  .add(SyncApi)
  .add(ProblemsApi)
  .add(SystemApi)
  .addError(Malformed)
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(NotAllowed)
  .addError(TooLarge)
  .addError(Broken)
  .addError(Unavailable)
  .prefix("/api/v1")
  .annotate(OpenApi.Title, "exlab-wizard")
  .annotate(OpenApi.Transform, finishDocument)
  .annotate(OpenApi.Version, "1")
  .annotate(
    OpenApi.Description,
    "Takes a lab's project and run requests to finished, validated, self-describing directories.",
  ) {}
