/** `orrery swh add-forge-now register-lister`: stores the tasks that list a new forge. */

import type { Command } from "commander";
import { SchedulerException } from "../../compat/swh/errors.ts";
import type { NewTask } from "../../compat/swh/records.ts";
import type { SwhJsonObject } from "../../compat/swh/values.ts";
import { instantFromMicros } from "../../kernel/instant.ts";
import { intervalOf } from "../../kernel/interval.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, type SwhWork, withSwhScheduler } from "../swh/command.ts";
import { parseKeywords } from "../swh/task-arguments.ts";
import { createdText } from "../swh/task-text.ts";

/** Where a forge is tried first, and where it is listed for good. */
export const forgePresets = ["production", "staging"] as const;
type ForgePreset = (typeof forgePresets)[number];

/** What is listed of a forge that is only tried. */
const stagingDefaults: SwhJsonObject = { max_pages: 2, max_origins_per_page: 5 };

/** The command; `--preset` is an option of its group. */
export function swhRegisterListerCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "register-lister",
    description: "store the tasks that list a forge, of the types that there are for it",
  })
    .argument("<name>", "of the lister, as in gitlab")
    .argument("[keywords...]", "key=value, the value in YAML");
  return command.action((name: string, texts: readonly string[]) =>
    withSwhScheduler(shell, command, async (work) => {
      const { preset } = command.optsWithGlobals<{ readonly preset: ForgePreset }>();
      const kwargs = parseKeywords(texts);
      const tasks = await listingTasks(work, { name, kwargs, preset });
      const created = await work.scheduler.createTasks(tasks);
      shell.out.write(createdText(created, { shell, now: work.now }));
    }),
  );
}

async function listingTasks(
  { scheduler, now }: SwhWork,
  {
    name,
    kwargs,
    preset,
  }: { readonly name: string; readonly kwargs: SwhJsonObject; readonly preset: ForgePreset },
): Promise<readonly NewTask[]> {
  const wanted = ["-full", "-incremental", ""].map((suffix) => `list-${name}${suffix}`);
  const known = new Set((await scheduler.getTaskTypes()).map(({ type }) => type));
  const found = wanted.filter((type) => known.has(type));
  if (found.length === 0) {
    throw new SchedulerException(`Unknown lister type ${name}: there is no ${wanted.join(", ")}.`);
  }
  if (preset === "staging") {
    const full = found.find((type) => type.endsWith("-full"));
    const once = { ...stagingDefaults, ...kwargs, enable_origins: false };
    return (full === undefined ? found : [full]).map((type) => ({
      type,
      policy: "oneshot",
      nextRun: now,
      arguments: { args: [], kwargs: once },
    }));
  }
  const tomorrow = instantFromMicros(now + intervalOf({ days: 1 }));
  return found.map((type) => ({
    type,
    policy: "recurring",
    // What has changed since is asked for once all of it was listed.
    nextRun: type.endsWith("-incremental") ? tomorrow : now,
    arguments: { args: [], kwargs },
  }));
}
