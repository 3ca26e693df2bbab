/** What every use case is given. */

import type { Clock } from "../kernel/clock.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { ReserveSlots } from "../model/early-start.ts";
import type { Store } from "../model/store.ts";

/** The ports and facts that use cases work with. */
export interface ServiceContext {
  readonly store: Store;
  /** For waits and time-outs only; what is due, the database's clock decides. */
  readonly clock: Clock;
  /** The definitions whose schemas check input; other types take any JSON. */
  readonly catalogue: Catalogue;
  /** Slots of this process for what is queued in it; absent where nothing may start early. */
  readonly reserveSlots?: ReserveSlots | undefined;
  /** Of this package. */
  readonly version: string;
}
