/** What the group `orrery swh` is called, for those who do not load it. */

import type { Naming } from "../command.ts";

/** Its name and purpose. */
export const swhNaming: Naming = {
  name: "swh",
  description: "the Software Heritage scheduler: its commands, here or on a server",
};
