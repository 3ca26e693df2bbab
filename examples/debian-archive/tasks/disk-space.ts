/** Runs a program instead of a function: its output becomes the run's log, line by line. */

import { defineTask } from "orrery";

/** `df` of POSIX; started without a shell, so that nothing needs quoting. */
export const diskSpace = defineTask({
  name: "diskSpace",
  description: "Logs the free space of the disk that the server was started on",
  timeoutMs: 10_000,
  command: { file: "df", args: ["-P", "-k", "."] },
});
