/** Ties each schema to the interface that it describes: the compiler refuses one that differs. */

import { type Static, type TSchema, type TUnsafe, Type } from "typebox";

/** A schema whose values are `Value`; it is plain JSON Schema at run time. */
export type SchemaOf<Value> = TUnsafe<Value>;

/** `Value` without `readonly`, at any depth: schemas say nothing about who may write. */
type Writable<Value> = unknown extends Value
  ? Value
  : Value extends readonly (infer Item)[]
    ? Writable<Item>[]
    : Value extends object
      ? { -readonly [Key in keyof Value]: Writable<Value[Key]> }
      : Value;

/** Whether two types are the same to the compiler, optional members included. */
type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

/** The schema itself when it describes `Value` exactly, otherwise a type that nothing has. */
type Describing<Schema extends TSchema, Value> =
  Same<Writable<Static<Schema>>, Writable<Value>> extends true
    ? Schema
    : { readonly "the schema differs from": Value; readonly "it describes": Static<Schema> };

/**
 * Takes a schema that describes exactly `Value`, in two steps because the compiler infers either
 * all type arguments or none: `schemaOf<TaskRecord>()(Type.Object({ ... }))`.
 */
export function schemaOf<Value>(): <Schema extends TSchema>(
  schema: Schema & Describing<Schema, Value>,
) => SchemaOf<Value> {
  return (schema) => Type.Unsafe<Value>(schema);
}
