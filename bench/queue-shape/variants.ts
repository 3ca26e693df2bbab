/** The shapes and variants under test, each with the one thing in which it differs from a base. */

import { shapeH } from "./shape-h.ts";
import { shapeU, type UOptions } from "./shape-u.ts";
import type { Shape } from "./shape.ts";

/** A shape with what the runner and the report need. */
export interface Variant {
  readonly shape: Shape;
  /** How it differs from its base. */
  readonly difference: string;
  /** Name of the variant it is compared with; its own for a base. */
  readonly base: string;
  /** How the outcome column spells success. */
  readonly succeeded: string;
}

const uBase: UOptions = {
  name: "u",
  leaseIndex: true,
  foreignKey: false,
  state: "smallint",
  historyIndexCount: 2,
  partitioned: true,
};

/** Shape U as the lead candidate: the base of its variants and of shape H. */
export const u: Variant = {
  shape: shapeU(uBase),
  difference: "base: lease index, no foreign key, smallint, 2 btree + BRIN, partitions",
  base: "u",
  succeeded: "2",
};

/** Shape H with the same reading indexes. */
export const h: Variant = {
  shape: shapeH({ name: "h", leaseIndex: true }),
  difference: "shape H, lease index, 2 btree + BRIN",
  base: "u",
  succeeded: "2",
};

function variantOfU(difference: string, options: Partial<UOptions> & { name: string }): Variant {
  const shape = shapeU({ ...uBase, ...options });
  const succeeded = options.state === "enum" ? "succeeded" : "2";
  return { shape, difference, base: "u", succeeded };
}

/** Everything that is enqueued and drained in each round. */
export const variants: readonly Variant[] = [
  u,
  h,
  {
    shape: shapeH({ name: "h_no_lease", leaseIndex: false }),
    difference: "shape H without lease index",
    base: "u",
    succeeded: "2",
  },
  variantOfU("(a) without lease index", { name: "u_no_lease", leaseIndex: false }),
  variantOfU("(b) foreign key to task_type", { name: "u_foreign_key", foreignKey: true }),
  variantOfU("(c) state as enum", { name: "u_enum", state: "enum" }),
  variantOfU("(d) history: BRIN only", { name: "u_history_0", historyIndexCount: 0 }),
  variantOfU("(d) history: 1 btree + BRIN", { name: "u_history_1", historyIndexCount: 1 }),
  variantOfU("(d) history: 3 btree + BRIN", { name: "u_history_3", historyIndexCount: 3 }),
  variantOfU("(e) history in one plain table", { name: "u_plain_history", partitioned: false }),
];
