/** The shapes and variants under test, each with what it differs in from the base. */

import { shapeH } from "./shape-h.ts";
import { shapeU, type UOptions } from "./shape-u.ts";
import type { Shape } from "./shape.ts";

/** A shape with what the runner and the report need. */
export interface Variant {
  readonly shape: Shape;
  /** How it differs from the base, `u`. */
  readonly difference: string;
  /** How the outcome column spells success. */
  readonly succeeded: string;
}

const uBase: UOptions = {
  name: "u",
  leaseIndex: true,
  partialReadyIndex: true,
  fillFactor: 70,
  foreignKey: false,
  state: "smallint",
  historyIndexCount: 2,
  historyPayload: true,
  partitioned: true,
};

/** Shape U as it is expected to win: what its variants and shape H are compared with. */
export const u: Variant = {
  shape: shapeU(uBase),
  difference: "base: lease index, no foreign key, smallint, 2 btree + BRIN, partitions",
  succeeded: "2",
};

/** Shape H with the same reading indexes. */
export const h: Variant = {
  shape: shapeH({ name: "h", leaseIndex: true }),
  difference: "shape H, lease index, 2 btree + BRIN",
  succeeded: "2",
};

function variantOfU(difference: string, options: Partial<UOptions> & { name: string }): Variant {
  const shape = shapeU({ ...uBase, ...options });
  const succeeded = options.state === "enum" ? "succeeded" : "2";
  return { shape, difference, succeeded };
}

/** Everything that is enqueued and drained in each round, each between two rounds of the base. */
export const variants: readonly Variant[] = [
  variantOfU("control: the same as `u`, shows the noise", { name: "u_control" }),
  h,
  {
    shape: shapeH({ name: "h_no_lease", leaseIndex: false }),
    difference: "shape H without lease index",
    succeeded: "2",
  },
  variantOfU("(a) without lease index", { name: "u_no_lease", leaseIndex: false }),
  variantOfU("(b) foreign key to task_type", { name: "u_foreign_key", foreignKey: true }),
  variantOfU("(c) state as enum", { name: "u_enum", state: "enum" }),
  variantOfU("(d) history: BRIN only", { name: "u_history_0", historyIndexCount: 0 }),
  variantOfU("(d) history: 1 btree + BRIN", { name: "u_history_1", historyIndexCount: 1 }),
  variantOfU("(d) history: 3 btree + BRIN", { name: "u_history_3", historyIndexCount: 3 }),
  variantOfU("(e) history in one plain table", { name: "u_plain_history", partitioned: false }),
  variantOfU("(f) fill factor 100", { name: "u_full_pages", fillFactor: 100 }),
  variantOfU("(g) no lease index, whole ready index: heap-only claim", {
    name: "u_heap_only",
    leaseIndex: false,
    partialReadyIndex: false,
  }),
  variantOfU("(h) history without payload", { name: "u_no_payload", historyPayload: false }),
  variantOfU("(i) lean: (g) and (h), 1 btree", {
    name: "u_lean",
    leaseIndex: false,
    partialReadyIndex: false,
    historyPayload: false,
    historyIndexCount: 1,
  }),
];

/** The shapes between which the choice is: those that also meet many types and an old snapshot. */
export const contenders: readonly Variant[] = [
  u,
  ...variants.filter(({ shape }) => ["u_heap_only", "h", "h_no_lease"].includes(shape.name)),
];
