/** `orrery swh origin update-metrics`: counts anew, keeps and prints the counts. */

import type { Command } from "commander";
import type { SchedulerMetrics } from "../../compat/swh/records.ts";
import type { SwhJsonObject } from "../../compat/swh/values.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { indentedJson, timeText } from "../swh/python-text.ts";

interface UpdateMetricsOptions {
  readonly lister?: string;
  readonly instance?: string;
}

/** The command. */
export function swhOriginUpdateMetricsCommand(shell: Shell): Command {
  return swhCommand(shell, {
    name: "update-metrics",
    description: "count the origins of each lister and visit type anew; prints JSON",
  })
    .option("--lister <name>", "only of this lister")
    .option("--instance <name>", "only of this instance of the lister")
    .action(({ lister, instance }: UpdateMetricsOptions, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler }) => {
        if (lister === undefined && instance !== undefined) {
          throw new InvalidInputError("ORR_INPUT_INVALID", "--instance needs --lister", {
            details: { field: "--instance", value: instance },
          });
        }
        const name = { name: lister ?? "", instanceName: instance ?? null };
        const found = lister === undefined ? undefined : await scheduler.getLister(name);
        if (found === null) {
          shell.err.write(`Lister not found: ${lister} instance=${instance ?? "None"}\n`);
          shell.exitCode = exitCodes.usage;
          return;
        }
        const metrics = await scheduler.updateMetrics({ listerId: found?.id ?? null });
        shell.out.write(`${indentedJson(metrics.map(textsOf), { width: 4 })}\n`);
      }),
    );
}

/** All values as text, by their names. */
function textsOf(metrics: SchedulerMetrics): SwhJsonObject {
  return {
    last_update: timeText(metrics.lastUpdate),
    lister_id: metrics.listerId,
    origins_enabled: String(metrics.originsEnabled),
    origins_known: String(metrics.originsKnown),
    origins_never_visited: String(metrics.originsNeverVisited),
    origins_with_pending_changes: String(metrics.originsWithPendingChanges),
    visit_type: metrics.visitType,
  };
}
