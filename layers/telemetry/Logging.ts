import { Layer, Logger, LogLevel, Schema } from "effect"

export const LogLevelName = Schema.Literal("trace", "debug", "info", "warning", "error", "none")
export const LogFormat = Schema.Literal("logfmt", "json", "pretty")

export interface Logging {
  /** Lines below it aren't written. */
  readonly level: typeof LogLevelName.Type
  readonly format: typeof LogFormat.Type
}

export const defaultLogging: Logging = { level: "info", format: "logfmt" }

const levels: Readonly<Record<Logging["level"], LogLevel.LogLevel>> = {
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  none: LogLevel.None,
}

const loggers: Readonly<Record<Logging["format"], Logger.Logger<unknown, void>>> = {
  logfmt: Logger.withConsoleError(Logger.logfmtLogger),
  json: Logger.withConsoleError(Logger.jsonLogger),
  pretty: Logger.prettyLogger({ stderr: true }),
}

/** Logs go to standard error. */
export const layer = ({ format, level }: Logging): Layer.Layer<never> =>
  Layer.merge(Logger.replace(Logger.defaultLogger, loggers[format]), Logger.minimumLogLevel(levels[level]))
