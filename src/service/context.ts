/** What every use case is given. */

import type { Clock } from "../kernel/clock.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { Store } from "../model/store.ts";

/** The ports and facts that use cases work with. */
export interface ServiceContext {
  readonly store: Store;
  /** For waits and time-outs only; what is due, the database's clock decides. */
  readonly clock: Clock;
  /** The definitions whose schemas check input; other types take any JSON. */
  readonly catalogue: Catalogue;
  /** Of this package. */
  readonly version: string;
}
