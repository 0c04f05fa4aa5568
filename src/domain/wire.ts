import { Schema } from "effect"

/** `sessionId` → `session_id`, as a type. */
export type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Snake<Tail>}`
    : `_${Lowercase<Head>}${Snake<Tail>}`
  : S

export const toSnake = <const S extends string>(name: S): Snake<S> =>
  name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) as Snake<S>

type Wired<F, K extends string> =
  F extends Schema.PropertySignature<
    infer TypeToken,
    infer Type,
    PropertyKey,
    infer EncodedToken,
    infer Encoded,
    infer HasDefault,
    infer R
  >
    ? Schema.PropertySignature<TypeToken, Type, Snake<K>, EncodedToken, Encoded, HasDefault, R>
    : F extends Schema.Schema<infer A, infer I, infer R>
      ? Schema.PropertySignature<":", A, Snake<K>, ":", I, false, R>
      : never

export type WireFields<Fields extends Schema.Struct.Fields> = {
  readonly [K in keyof Fields & string]: Wired<Fields[K], K>
}

type AnySignature = Schema.PropertySignature<
  Schema.PropertySignature.Token,
  never,
  PropertyKey,
  Schema.PropertySignature.Token,
  never,
  boolean,
  unknown
>

const toSignature = (field: Schema.Struct.Field): AnySignature =>
  (Schema.isPropertySignature(field)
    ? field
    : Schema.propertySignature(field as Schema.Schema.Any)) as AnySignature

const fromKey = (signature: AnySignature, key: string): AnySignature => Schema.fromKey(signature, key)

/**
 * A struct whose fields are camelCase in code and snake_case on the wire. It renames its own fields only:
 * keys inside records, which a user chose, stay as they are.
 */
export const wireStruct = <const Fields extends Schema.Struct.Fields>(
  fields: Fields,
): Schema.Struct<WireFields<Fields>> => {
  const wired = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, fromKey(toSignature(field), toSnake(name))]),
  )
  // What was computed by name has lost its names for the compiler: `WireFields` says what it is.
  return Schema.Struct(wired) as unknown as Schema.Struct<WireFields<Fields>>
}
