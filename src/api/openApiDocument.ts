type Document = Readonly<Record<string, unknown>>

/** The platform gives schemas that say nothing an `$id`, the same one everywhere: no validator takes that. */
const withoutIds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      key === "$id" && typeof inner === "string" ? [] : [[key, withoutIds(inner)]],
    ),
  )
}

const isDocument = (value: unknown): value is Document => typeof value === "object" && value !== null

/** A token is needed where the service is reached from other machines. */
const withToken = (document: Document): Document => {
  const { components } = document
  const bearer = { type: "http", scheme: "bearer", description: "Not needed on the machine itself." }
  return {
    ...document,
    components: { ...(isDocument(components) ? components : {}), securitySchemes: { bearer } },
    security: [{}, { bearer: [] }],
  }
}

/** The platform says of every body that it must be sent. */
export const withOptionalBody = (operation: Document): Document => {
  const { requestBody } = operation
  return { ...operation, requestBody: { ...(isDocument(requestBody) ? requestBody : {}), required: false } }
}

/** What is made of the generated document before anybody sees it. */
export const finishDocument = (document: Document): Document => {
  const bare = withoutIds(document)
  return withToken(isDocument(bare) ? bare : {})
}
