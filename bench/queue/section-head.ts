/** How each section of the report begins. */

import type { RowRecord } from "./recording.ts";

/** Heading, what was done, and under which circumstances. */
export function sectionHead<T>(
  row: RowRecord<T>,
  { title, what }: { readonly title: string; readonly what: string },
): string[] {
  const { machine, loads, node, postgres } = row;
  const server = postgres.split(" on ")[0] ?? postgres;
  const rounds = loads.length === 1 ? "1 round" : `${loads.length} rounds`;
  return [
    "",
    `## ${title}`,
    "",
    what,
    `${rounds}; ${server}; Node.js ${node}; ${machine}; before each round ${loads.join(", ")}.`,
    "",
  ];
}
