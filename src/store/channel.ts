/** The name of the channel on which processes hint each other; one for each schema. */

/** The channel of a schema; PostgreSQL cuts identifiers at 63 bytes. */
export function channelOf(schema: string): string {
  return `orrery_${schema}`.slice(0, 63);
}
