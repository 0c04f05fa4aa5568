import type { IncomingMessage } from "node:http"

const absolute = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)(.*)$/is

/** The host that an absolute target names goes before the header: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
export const hostFromTarget = (request: IncomingMessage): void => {
  const [, host, rest = ""] = absolute.exec(request.url ?? "") ?? []
  if (host === undefined) return
  request.headers.host = host
  request.url = rest.startsWith("/") ? rest : `/${rest}`
}
