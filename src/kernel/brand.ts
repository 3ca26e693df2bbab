/** Nominal types over primitives, so that a task id is never taken for a run id. */

declare const brand: unique symbol;

/** `Base` marked as `Name`; only the checked constructors beside each brand make one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
