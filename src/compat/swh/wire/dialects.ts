/** The two dialects of the wire. */

import { type Encodings, encodingsOf } from "./bodies.ts";
import { currentMethods, type SwhMethods } from "./methods.ts";
import { currentModels } from "./models.ts";
import { seedModels } from "./seed-kinds.ts";
import { seedMethods } from "./seed-methods.ts";

/** `current` is that of releases since 3.0; `seed` that of 1.3.0 to 2.2.2. */
export const dialectNames = ["current", "seed"] as const;
/** One of them. */
export type DialectName = (typeof dialectNames)[number];

/** How one dialect renders the calls. */
export interface Dialect {
  readonly name: DialectName;
  readonly methods: SwhMethods;
  readonly encodings: Encodings;
}

/** The dialects by name. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  current: { name: "current", methods: currentMethods, encodings: encodingsOf(currentModels) },
  seed: { name: "seed", methods: seedMethods, encodings: encodingsOf(seedModels) },
};
