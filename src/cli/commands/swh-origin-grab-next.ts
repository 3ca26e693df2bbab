/** `orrery swh origin grab-next`: takes origins to visit, and prints them. */

import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, withSwhScheduler } from "../swh/command.ts";
import { originRows, parseOriginColumns } from "../swh/origin-rows.ts";
import {
  countArgument,
  type RowOptions,
  typeArgument,
  withRowOptions,
} from "../swh/visit-options.ts";

/** The command. */
export function swhOriginGrabNextCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "grab-next",
    description: "take origins to visit: print them as CSV, mark them as scheduled",
  });
  return withRowOptions(command)
    .addArgument(typeArgument())
    .addArgument(countArgument(parseWhole))
    .action((visitType: string, count: number, options: RowOptions) =>
      withSwhScheduler(shell, command, async ({ scheduler }) => {
        // Before anything is taken: a wrong name must not cost the origins their turn.
        const names = parseOriginColumns(options.fields);
        const { policy, withHeader: header } = options;
        const origins = await scheduler.grabNextVisits({ visitType, count, policy });
        shell.out.write(originRows(origins, { names, header }));
      }),
    );
}
