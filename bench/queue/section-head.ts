/** How each section of the report begins. */

import type { RowRecord } from "./recording.ts";

/** Heading, what was done, and under which circumstances. */
export function sectionHead<T>(
  row: RowRecord<T>,
  given: { readonly title: string; readonly what: string; readonly rounds?: string },
): string[] {
  const { machine, loads, node, postgres } = row;
  const server = postgres.split(" on ")[0] ?? postgres;
  const counted = loads.length === 1 ? "1 round" : `${loads.length} rounds`;
  const { title, what, rounds = counted } = given;
  return [
    "",
    `## ${title}`,
    "",
    what,
    `${rounds}; ${server}; Node.js ${node}; ${machine}; before each round ${loads.join(", ")}.`,
    "",
  ];
}
