/** `orrery swh origin check-ingested-origins`: how the visits of a lister's origins ended. */

import type { Command } from "commander";
import type { OriginVisitStats } from "../../compat/swh/records.ts";
import { SchedulerException } from "../../compat/swh/errors.ts";
import { delay } from "../../kernel/clock.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Screen } from "../screen.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, type SwhWork, withSwhScheduler } from "../swh/command.ts";
import {
  countVisits,
  type ForgeName,
  forgeOf,
  listedOriginsOf,
  successRate,
  type VisitCounts,
  visitsOf,
} from "../swh/forge.ts";
import { parseInterval } from "../swh/interval-text.ts";
import { parsePercent } from "../swh/percent-text.ts";
import { timeText } from "../swh/python-text.ts";

interface CheckIngestedOptions {
  readonly list?: boolean;
  readonly watch?: boolean;
  readonly watchPeriod: string;
  readonly minimumSuccess?: number;
}

/** The command. */
export function swhOriginCheckIngestedCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "check-ingested-origins",
    description: "count how the visits of a lister's origins ended",
  })
    .argument("<lister>", "its name")
    .argument("<instance>", "which of its instances")
    .option("-l, --list", "show them as well")
    .option("-w, --watch", "look again until every visit has ended")
    .option("--watch-period <interval>", "between two looks", "30 minutes")
    .option("--minimum-success <percent>", "exit 2 when fewer succeeded", parsePercent);
  return command.action(() =>
    withSwhScheduler(shell, command, (work) =>
      checkIngested(work, forgeOf(command.args), command.opts<CheckIngestedOptions>()),
    ),
  );
}

async function checkIngested(
  { shell, scheduler, screen }: SwhWork,
  forge: ForgeName,
  { list = false, watch = false, watchPeriod, minimumSuccess }: CheckIngestedOptions,
): Promise<void> {
  const periodMs = Number(parseInterval(watchPeriod, { field: "--watch-period" }) / 1000n);
  const origins = await listedOriginsOf(scheduler, forge);
  let stats = await visitsOf(scheduler, origins);
  let counts = countVisits(stats);
  while (counts.None > 0 || counts.total === 0) {
    if (!watch) break;
    shell.out.write(
      `\nForge ${forge.instance} ingestion is still in progress...\n${countsText(counts)}`,
    );
    await delay(shell.clock, periodMs, shell.signal);
    stats = await visitsOf(scheduler, origins);
    counts = countVisits(stats);
  }
  if (list) showVisits(screen, stats);
  const { total } = counts;
  const name = `Forge ${forge.instance} (${forge.lister})`;
  if (total === 0) throw new SchedulerException(`${name} has 0 scheduled ingests.`);
  shell.out.write(`\n${name} has ${total} scheduled ingests in the scheduler.\n`);
  shell.out.write(countsText(counts));
  if (minimumSuccess === undefined || successRate(counts) >= minimumSuccess) return;
  shell.err.write(`fewer than ${minimumSuccess}% of the visits have succeeded\n`);
  shell.exitCode = exitCodes.usage;
}

function countsText(counts: VisitCounts): string {
  const lines: readonly (readonly [string, string])[] = [
    ...Object.entries(counts).map(([status, count]) => [status, String(count)] as const),
    ...(counts.total === 0
      ? []
      : [["success rate", `${successRate(counts).toFixed(2)}%`] as const]),
  ];
  return lines.map(([name, value]) => `${name.padEnd(nameWidth)}: ${value}\n`).join("");
}

const nameWidth = 12;

function showVisits(screen: Screen, stats: readonly OriginVisitStats[]): void {
  screen.table({
    columns: [
      { title: "url", flexible: true },
      { title: "visit_type" },
      { title: "last_visit_status" },
      { title: "last_visit" },
    ],
    rows: stats.map(({ url, visitType, lastVisitStatus, lastVisit }) => [
      url,
      visitType,
      lastVisitStatus ?? "None",
      timeText(lastVisit),
    ]),
  });
}
