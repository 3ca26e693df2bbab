/** `orrery swh origin peek-next`: prints origins to visit, and changes nothing. */

import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, withSwhScheduler } from "../swh/command.ts";
import { originRows, parseOriginColumns } from "../swh/origin-rows.ts";
import {
  countArgument,
  filterOf,
  type FilterOptions,
  type RowOptions,
  typeArgument,
  withFilterOptions,
  withRowOptions,
} from "../swh/visit-options.ts";

/** The command. */
export function swhOriginPeekNextCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "peek-next",
    description: "print origins to visit as CSV, without marking them",
  });
  return withFilterOptions(withRowOptions(command))
    .addArgument(typeArgument())
    .addArgument(countArgument(parseWhole))
    .action((visitType: string, count: number, options: RowOptions & FilterOptions) =>
      withSwhScheduler(shell, command, async ({ scheduler }) => {
        const names = parseOriginColumns(options.fields);
        const { policy, withHeader: header } = options;
        const origins = await scheduler.grabNextVisits({
          visitType,
          count,
          policy,
          ...filterOf(options),
          dryRun: true,
        });
        shell.out.write(originRows(origins, { names, header }));
      }),
    );
}
