/** For programs that use the service over HTTP, in Node and in browsers: the client, and what passes through it. */
export { Api } from "./api/Api.ts"
export type { ApiErrorCode } from "./api/codesByStatus.ts"
export type { SessionView } from "./api/SessionsApi.ts"
export { catchCode, EventsLost } from "./client/ClientErrors.ts"
export type { EventsRefused } from "./client/connection.ts"
export { WizardClient, type WizardClientOptions, type WizardClientService } from "./client/WizardClient.ts"
export { AbortedResult, DoneResult, SessionAborted, SessionFailed, SessionId } from "./domain/Session.ts"
export { isTerminalEvent, SessionEvent } from "./domain/SessionEvent.ts"
