/** Listed origins as comma-separated values, in the text that Python prints for each. */

import { SchedulerException } from "../../compat/swh/errors.ts";
import type { ListedOrigin } from "../../compat/swh/records.ts";
import { csvText } from "./csv.ts";
import { literalText, timeText } from "./python-text.ts";

const flagText = (flag: boolean | null): string => literalText(flag);

/** What each column holds; all of them, in this order, unless others are asked for. */
const columns = {
  lister_id: (origin: ListedOrigin) => origin.listerId,
  url: (origin: ListedOrigin) => origin.url,
  visit_type: (origin: ListedOrigin) => origin.visitType,
  extra_loader_arguments: (origin: ListedOrigin) => literalText(origin.extraLoaderArguments),
  last_update: (origin: ListedOrigin) => timeText(origin.lastUpdate),
  is_fork: (origin: ListedOrigin) => flagText(origin.isFork),
  forked_from_url: (origin: ListedOrigin) => origin.forkedFromUrl ?? "None",
  enabled: (origin: ListedOrigin) => flagText(origin.enabled),
  first_seen: (origin: ListedOrigin) => timeText(origin.firstSeen),
  last_seen: (origin: ListedOrigin) => timeText(origin.lastSeen),
} as const;

/** The name of a column. */
export type OriginColumn = keyof typeof columns;

function isColumn(name: string): name is OriginColumn {
  return Object.hasOwn(columns, name);
}

/**
 * Reads a list such as `url,visit_type`; all columns without one.
 * @throws SchedulerException for columns that are none
 */
export function parseOriginColumns(text: string | undefined): readonly OriginColumn[] {
  const all = Object.keys(columns).filter(isColumn);
  if (text === undefined || text === "") return all;
  const names = text.split(",");
  const unknown = names.filter((name) => !isColumn(name));
  if (unknown.length > 0) {
    const known = all.join(", ");
    throw new SchedulerException(
      `Unknown ListedOrigin field(s): ${unknown.join(", ")}; there are ${known}`,
    );
  }
  return names.filter(isColumn);
}

/** The rows, each ended by a line feed. */
export function originRows(
  origins: readonly ListedOrigin[],
  { names, header }: { readonly names: readonly OriginColumn[]; readonly header: boolean },
): string {
  const rows = origins.map((origin) => names.map((name) => columns[name](origin)));
  return [...(header ? [names] : []), ...rows].map((row) => `${csvText(row)}\n`).join("");
}
