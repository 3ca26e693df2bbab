/**
 * The Standard Schema interface, version 1, as far as Orrery reads it: any library that implements
 * it (Zod, Valibot, ArkType and others) can describe a task's input.
 * @source https://standardschema.dev
 */

/** A schema of any library that implements the interface. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema answers: the value, perhaps with defaults filled in, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What one has to hand in. */
export type SchemaInput<S> = S extends StandardSchema<infer Input, unknown> ? Input : never;

/** What the handler gets. */
export type SchemaOutput<S> =
  S extends StandardSchema<never, infer Output>
    ? Output
    : S extends { readonly "~standard": { readonly types?: { readonly output: infer Output } } }
      ? Output
      : never;
