/** `orrery swh origin schedule-next`: takes origins to visit, and stores a task for each. */

import type { Command } from "commander";
import type { ListedOrigin, NewTask, Task } from "../../compat/swh/records.ts";
import type { SwhScheduler } from "../../compat/swh/scheduler.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, withSwhScheduler } from "../swh/command.ts";
import { createdText } from "../swh/task-text.ts";
import { knownTaskType } from "../swh/task-types.ts";
import { countArgument, typeArgument, withPolicyOption } from "../swh/visit-options.ts";

/** The command. */
export function swhOriginScheduleNextCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "schedule-next",
    description: "take origins to visit, and store a one-shot task for each",
  });
  return withPolicyOption(command)
    .addArgument(typeArgument())
    .addArgument(countArgument(parseWhole))
    .action((visitType: string, count: number, { policy }: { readonly policy: string }) =>
      withSwhScheduler(shell, command, async ({ scheduler, now }) => {
        // Before anything is taken: without the type no task could be stored.
        const { type } = await knownTaskType(scheduler, `load-${visitType}`);
        const origins = await scheduler.grabNextVisits({ visitType, count, policy });
        const created = await storeTasks(scheduler, { type, origins, now });
        shell.out.write(createdText(created, { shell, now }));
      }),
    );
}

async function storeTasks(
  scheduler: SwhScheduler,
  {
    type,
    origins,
    now,
  }: {
    readonly type: string;
    readonly origins: readonly ListedOrigin[];
    readonly now: Instant;
  },
): Promise<readonly Task[]> {
  if (origins.length === 0) return [];
  const ids = [...new Set(origins.map(({ listerId }) => listerId))];
  const listers = new Map((await scheduler.getListersById(ids)).map((each) => [each.id, each]));
  const tasks = origins.map((origin): NewTask => {
    const lister = listers.get(origin.listerId);
    return {
      type,
      policy: "oneshot",
      nextRun: now,
      retriesLeft: 1,
      arguments: {
        args: [],
        kwargs: {
          url: origin.url,
          lister_name: nullIfEmpty(lister?.name),
          lister_instance_name: nullIfEmpty(lister?.instanceName),
          ...origin.extraLoaderArguments,
        },
      },
    };
  });
  return await scheduler.createTasks(tasks);
}

function nullIfEmpty(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
