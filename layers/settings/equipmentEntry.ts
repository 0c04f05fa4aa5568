import { Schema } from "effect"
import { weekdays } from "../../src/domain/SyncSettings.ts"
import { wireStruct } from "../../src/domain/wire.ts"

const or = <A, I>(schema: Schema.Schema<A, I>, fallback: () => A) =>
  Schema.optionalWith(schema, { default: fallback })

const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const orNull = <A, I>(schema: Schema.Schema<A, I>) => or(Schema.NullOr(schema), () => null)

const Window = wireStruct({
  days: or(Schema.Array(Schema.Literal(...weekdays)), () => [...weekdays]),
  from: Schema.String,
  to: Schema.String,
})

const pace = { uploadMbps: orNull(Schema.Number), schedule: or(Schema.Array(Window), () => []) }

const Mounted = wireStruct({ type: Schema.Literal("mounted"), ...pace })

const RsyncSsh = wireStruct({
  type: Schema.Literal("rsync_ssh"),
  host: Schema.String,
  port: or(Schema.Int, () => 22),
  user: orNull(Schema.String),
  identityFile: orNull(Schema.String),
  knownHostsFile: orNull(Schema.String),
  hasShell: or(Schema.Boolean, () => true),
  ...pace,
})

const Rclone = wireStruct({
  type: Schema.Literal("rclone"),
  remote: Schema.String,
  configFile: orNull(Schema.String),
  ...pace,
})

const Completeness = Schema.Union(
  wireStruct({ type: Schema.Literal("sentinel_file"), name: Schema.String }),
  wireStruct({ type: Schema.Literal("manifest"), name: Schema.String }),
  wireStruct({ type: Schema.Literal("quiet"), minutes: Schema.Number }),
)

/** One of a settings file's `equipment`. */
export const EquipmentEntry = wireStruct({
  id: Schema.String,
  label: Schema.String,
  nasRoot: or(Schema.String, () => ""),
  syncWhen: maybe(Schema.Literal("created", "complete")),
  completeness: maybe(Completeness),
  transport: maybe(Schema.Union(Mounted, RsyncSsh, Rclone)),
})
