/** Which addresses may come: single ones and networks, of both versions of IP. */

import { BlockList, isIPv4, isIPv6 } from "node:net";
import { invalidField } from "../kernel/fields.ts";

/** Entries at most. */
const entryCountMax = 1_000;

/** Says whether an address is one of a list, or of this machine. */
export class AddressList {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /**
   * @param entries as in `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`
   * @throws InvalidInputError `ORR_INPUT_INVALID` naming `field` and the entry
   */
  constructor(entries: readonly string[], { field = "allow" }: { readonly field?: string } = {}) {
    if (entries.length > entryCountMax) {
      const expected = `at most ${entryCountMax} addresses`;
      throw invalidField(field, { expected, value: entries.length });
    }
    this.isEmpty = entries.length === 0;
    this.#list.addSubnet("127.0.0.0", 8, "ipv4");
    this.#list.addAddress("::1", "ipv6");
    for (const entry of entries) this.#add({ entry, field });
  }

  /** Whether the peer of a connection is one of them; one without an address is none. */
  has(address: string | undefined): boolean {
    // A socket for both versions shows those of version 4 like this.
    const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
    if (isIPv4(plain)) return this.#list.check(plain, "ipv4");
    return isIPv6(plain) && this.#list.check(plain, "ipv6");
  }

  #add({ entry, field }: { readonly entry: string; readonly field: string }): void {
    const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
    const bitsMax = family === "ipv4" ? 32 : 128;
    const prefix = bits === undefined ? bitsMax : Number(bits);
    if (family === undefined || prefix > bitsMax) {
      throw invalidField(field, {
        expected: "an address such as 10.0.0.7 or 10.0.0.0/8",
        value: entry,
      });
    }
    this.#list.addSubnet(address, prefix, family);
  }
}
