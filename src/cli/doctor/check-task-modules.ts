/** Can every task module be loaded? No handler is run for it. */

import type { LoadedConfig } from "../../app/config-file.ts";
import type { Clock } from "../../kernel/clock.ts";
import { loadTasks } from "../serving/open-local.ts";
import { broken, failedBy, fine, type Finding } from "./finding.ts";

/** One finding for all that load, and one for each that does not. */
export async function checkTaskModules(
  loaded: LoadedConfig,
  clock: Clock,
): Promise<readonly Finding[]> {
  try {
    const found = await loadTasks(loaded, clock);
    const names = found.list().map(({ settings }) => settings.name);
    return [
      fine("task modules", `${names.length} task type(s): ${names.join(", ") || "none"}`),
      ...found.broken.map(({ error }) =>
        broken("task modules", {
          message: error.message,
          advice: "the other modules are not affected; correct this one and start again",
        }),
      ),
    ];
  } catch (error) {
    return [failedBy("task modules", error)];
  }
}
