import { expect, test } from "vitest";
import { AddressList } from "./address-list.ts";

test.each<[string, string, boolean]>([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["10.0.0.7", "10.0.0.7", true],
  ["10.0.0.7", "10.0.0.8", false],
  ["fd00::/8", "fd12::1", true],
  ["fd00::/8", "fe80::1%eth0", false],
  ["0.0.0.0/0", "::1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
])("of %s the address %s is one: %j", (entry, address, isOne) => {
  expect(new AddressList([entry]).has(address)).toBe(isOne);
});

test("the addresses of this machine are always in", () => {
  const list = new AddressList(["10.0.0.7"]);
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
    expect(list.has(address), address).toBe(true);
  }
  expect([list.has(undefined), list.has(""), list.has("localhost")]).toEqual([false, false, false]);
});

test.each(["", "10.0.0.0/33", "::1/129", "10.0.0", "example.org", "10.0.0.0/8/8", "10.0.0.0/-1"])(
  "%j is no entry",
  (entry) => {
    expect(() => new AddressList(["10.0.0.7", entry], { field: "swh.allow" })).toThrow(
      expect.objectContaining({ details: { field: "swh.allow", value: entry } }),
    );
  },
);
