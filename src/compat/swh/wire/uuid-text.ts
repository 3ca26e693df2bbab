/** UUIDs as text. */

import { type FaultName, SwhFault } from "../errors.ts";

/**
 * A UUID in its plain form, from any of the forms that the reference reads: with or without
 * hyphens, braces and the prefix `urn:uuid:`, in any case.
 * @throws SwhFault under the name that is given
 */
export function readUuid(text: string, fault: FaultName): string {
  const digits = text
    .replace(/^urn:uuid:/, "")
    .replaceAll(/[{}-]/g, "")
    .toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) {
    const shown = JSON.stringify(text.slice(0, 40));
    throw new SwhFault(fault, `a uuid has 32 hexadecimal digits, unlike ${shown}`);
  }
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
