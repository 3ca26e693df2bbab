/** `orrery swh origin check-listed-origins`: what a lister has listed. */

import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { forgeOf, listedOriginsOf } from "../swh/forge.ts";
import { timeText } from "../swh/python-text.ts";

/** The command. */
export function swhOriginCheckListedCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "check-listed-origins",
    description: "count the origins of a lister; exits 1 when there are none",
  })
    .argument("<lister>", "its name")
    .argument("<instance>", "which of its instances")
    .option("-l, --list", "show them as well");
  return command.action(() =>
    withSwhScheduler(shell, command, async ({ scheduler, screen }) => {
      const forge = forgeOf(command.args);
      const { list = false } = command.opts<{ readonly list?: boolean }>();
      const origins = await listedOriginsOf(scheduler, forge);
      if (list) {
        screen.table({
          columns: [
            { title: "url", flexible: true },
            { title: "last_seen" },
            { title: "last_update" },
          ],
          rows: origins.map(({ url, lastSeen, lastUpdate }) => [
            url,
            timeText(lastSeen),
            timeText(lastUpdate),
          ]),
        });
      }
      shell.out.write(
        `\nForge ${forge.instance} (${forge.lister}) has ${origins.length} listed origins` +
          " in the scheduler database.\n",
      );
    }),
  );
}
