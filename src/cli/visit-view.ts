/** The frontier as rows and fields for people. */

import type {
  FrontierCountsRecord,
  ListedOriginRecord,
  ListerRecord,
  VisitChoiceRecord,
  VisitExplanation,
  VisitStatsRecord,
} from "../api/frontier.ts";
import type { VisitStatus } from "../policy/visit-cooldown.ts";
import type { Work } from "./command.ts";
import { type Field, timeText } from "./presentation.ts";
import { jsonText } from "./screen.ts";
import type { Style } from "./terminal/styling.ts";
import type { Cell, Table } from "./terminal/table.ts";

/** Shows what was chosen, with the names of the listers for people. */
export async function showChoice(
  { scheduler, screen }: Work,
  choice: VisitChoiceRecord,
): Promise<void> {
  const { origins, explanation } = choice;
  if (screen.json) {
    screen.show(choice, () => undefined);
    return;
  }
  if (origins.length === 0) screen.note("nothing is to be visited");
  else screen.table(originTable(origins, await scheduler.frontier.listListers()));
  if (explanation !== null) screen.fields(explanationFields(explanation));
}

/** Origins as a table, in their order. */
function originTable(
  origins: readonly ListedOriginRecord[],
  listers: readonly ListerRecord[],
): Table {
  const names = new Map(listers.map((lister) => [lister.id, listerText(lister)]));
  return {
    columns: [
      { title: "URL", flexible: true },
      { title: "LISTER", flexible: true },
      { title: "LAST UPDATE" },
      { title: "FIRST SEEN" },
      { title: "LOADER ARGUMENTS", flexible: true },
    ],
    rows: origins.map((origin) => [
      origin.url,
      names.get(origin.listerId) ?? origin.listerId,
      timeText(origin.lastUpdateAt),
      timeText(origin.firstSeenAt),
      Object.keys(origin.loaderArguments).length === 0 ? "" : jsonText(origin.loaderArguments),
    ]),
  };
}

function listerText({ name, instanceName }: ListerRecord): string {
  return instanceName === "" ? name : `${name} ${instanceName}`;
}

function explanationFields({ path, reason, at, promoted }: VisitExplanation): readonly Field[] {
  return [
    ["path", path],
    ["reason", reason],
    ["at", timeText(at)],
    ["promoted", String(promoted)],
  ];
}

/** What is known of visits, as a table. */
export function statsTable(stats: readonly VisitStatsRecord[]): Table {
  return {
    columns: [
      { title: "URL", flexible: true },
      { title: "TYPE" },
      { title: "LAST VISIT" },
      { title: "STATUS" },
      { title: "IN A ROW", align: "right" },
      { title: "LAST SUCCESS" },
      { title: "LAST SCHEDULED" },
      { title: "POSITION", align: "right" },
      { title: "SNAPSHOT", flexible: true },
    ],
    rows: stats.map((each) => [
      each.url,
      each.visitType,
      timeText(each.lastVisitAt),
      statusCell(each.lastVisitStatus),
      String(each.successiveVisits),
      timeText(each.lastSuccessfulAt),
      timeText(each.lastScheduledAt),
      each.queuePosition ?? "-",
      each.lastSnapshot ?? "-",
    ]),
  };
}

const statusStyles: Readonly<Record<VisitStatus, Style>> = {
  successful: "good",
  failed: "bad",
  not_found: "warning",
};

function statusCell(status: VisitStatus | null): Cell {
  return status === null ? "-" : { text: status, style: statusStyles[status] };
}

/** Counts as a table, with the names of the listers. */
export function countsTable(
  counts: readonly FrontierCountsRecord[],
  listers: readonly ListerRecord[],
): Table {
  const byId = new Map(listers.map((lister) => [lister.id, lister]));
  return {
    columns: [
      { title: "LISTER", flexible: true },
      { title: "INSTANCE", flexible: true },
      { title: "TYPE" },
      { title: "KNOWN", align: "right" },
      { title: "ENABLED", align: "right" },
      { title: "NEVER VISITED", align: "right" },
      { title: "PENDING CHANGES", align: "right" },
      { title: "COUNTED" },
    ],
    rows: counts.map((each) => [
      byId.get(each.listerId)?.name ?? each.listerId,
      byId.get(each.listerId)?.instanceName ?? "",
      each.visitType,
      String(each.known),
      String(each.enabled),
      String(each.neverVisited),
      String(each.withPendingChanges),
      timeText(each.countedAt),
    ]),
  };
}
