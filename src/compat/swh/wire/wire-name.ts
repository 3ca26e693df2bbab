/** The names of the wire. */

/** Our name in the spelling of the wire: `nextRun` is `next_run`. */
export function wireName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
