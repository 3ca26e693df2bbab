/** Listed origins as comma-separated values, in the text that Python prints for each. */

import { SchedulerException } from "../../compat/swh/errors.ts";
import type { ListedOrigin } from "../../compat/swh/records.ts";
import { csvText } from "./csv.ts";
import { literalText, timeText } from "./python-text.ts";

/** The name of a column. */
export type OriginColumn =
  | "lister_id"
  | "url"
  | "visit_type"
  | "extra_loader_arguments"
  | "last_update"
  | "is_fork"
  | "forked_from_url"
  | "enabled"
  | "first_seen"
  | "last_seen";

/** What each column holds; all of them, in this order, unless others are asked for. */
const columns: Readonly<Record<OriginColumn, (origin: ListedOrigin) => string>> = {
  lister_id: ({ listerId }) => listerId,
  url: ({ url }) => url,
  visit_type: ({ visitType }) => visitType,
  extra_loader_arguments: ({ extraLoaderArguments }) => literalText(extraLoaderArguments),
  last_update: ({ lastUpdate }) => timeText(lastUpdate),
  is_fork: ({ isFork }) => literalText(isFork),
  forked_from_url: ({ forkedFromUrl }) => forkedFromUrl ?? "None",
  enabled: ({ enabled }) => literalText(enabled),
  first_seen: ({ firstSeen }) => timeText(firstSeen),
  last_seen: ({ lastSeen }) => timeText(lastSeen),
};

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
