import { expect, test } from "vitest";

import type { TokenRole } from "../model/worker.ts";
import { Access, type AccessRequest, isLoopback } from "./access.ts";

const roles: readonly TokenRole[] = ["viewer", "operator", "admin"];

interface Place {
  readonly host: string;
  readonly requireToken?: boolean;
  readonly allowedHosts?: readonly string[];
}

/** Access to a server at a place, with one token per role, whose secret is the role's name. */
function accessAt({ host, requireToken = false, allowedHosts = [] }: Place): Access {
  const access = new Access({
    requireToken,
    allowedHosts,
    auth: {
      findTokenBySecret: (secret) => {
        const role = roles.find((each) => each === secret);
        return Promise.resolve(role === undefined ? undefined : { name: `the ${role}`, role });
      },
    },
  });
  access.listensOn(host);
  return access;
}

const local: AccessRequest = {
  authorization: undefined,
  host: "127.0.0.1:8420",
  origin: undefined,
};

test("on loopback everything is open without a token", async () => {
  const caller = await accessAt({ host: "127.0.0.1" }).admit(local, "admin");
  expect(caller).toEqual({ name: "loopback", role: "admin" });
});

test.each<[string, Place]>([
  ["on another address", { host: "0.0.0.0" }],
  ["where tokens are asked for", { host: "127.0.0.1", requireToken: true }],
])("%s a request without a token is refused", async (_, place) => {
  const access = accessAt(place);
  expect(access.tokenNeeded).toBe(true);
  await expect(access.admit(local, "viewer")).rejects.toMatchObject({
    code: "ORR_ACCESS_UNAUTHENTICATED",
  });
});

test("before it is said where the server listens, tokens are needed", async () => {
  const auth = { findTokenBySecret: () => Promise.resolve(undefined) };
  const access = new Access({ auth, requireToken: false, allowedHosts: [] });
  await expect(access.admit(local, "viewer")).rejects.toMatchObject({
    code: "ORR_ACCESS_UNAUTHENTICATED",
  });
});

test("a client that knows only passwords sends the token as one", async () => {
  const access = accessAt({ host: "0.0.0.0" });
  const basic = (text: string): AccessRequest => ({
    ...local,
    authorization: `Basic ${Buffer.from(text).toString("base64")}`,
  });
  expect(await access.admit(basic("anybody:operator"), "operator")).toMatchObject({
    name: "the operator",
  });
  for (const text of ["anybody:nonsense", "operator", "operator:", ":"]) {
    await expect(access.admit(basic(text), "viewer"), text).rejects.toMatchObject({
      code: "ORR_ACCESS_UNAUTHENTICATED",
    });
  }
});

test("a token admits to what its role and those before it may do", async () => {
  const access = accessAt({ host: "0.0.0.0" });
  for (const [place, role] of roles.entries()) {
    for (const [needed, wanted] of roles.entries()) {
      const admitted = access.admit({ ...local, authorization: `Bearer ${role}` }, wanted);
      if (place >= needed) expect(await admitted).toMatchObject({ role });
      else await expect(admitted).rejects.toMatchObject({ code: "ORR_ACCESS_FORBIDDEN" });
    }
  }
});

test.each(["Bearer nobody", "Bearer", "Basic YTpi", "viewer", "Bearer viewer admin", ""])(
  "the authorization %j is refused even where none is needed",
  async (authorization) => {
    const admitted = accessAt({ host: "127.0.0.1" }).admit({ ...local, authorization }, "viewer");
    await expect(admitted).rejects.toMatchObject({ code: "ORR_ACCESS_UNAUTHENTICATED" });
  },
);

test.each(["127.0.0.1:8420", "localhost:8420", "LOCALHOST", "[::1]:8420", "orrery.localhost:80"])(
  "the host name %s is the server's own",
  async (host) => {
    const access = accessAt({ host: "127.0.0.1" });
    await expect(access.admit({ ...local, host }, "viewer")).resolves.toBeDefined();
  },
);

test.each([
  "evil.example",
  "evil.example:8420",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "0.0.0.0:8420",
  "",
])("a page that reached the server as %j is refused", async (host) => {
  const admitted = accessAt({ host: "127.0.0.1" }).admit({ ...local, host }, "viewer");
  await expect(admitted).rejects.toMatchObject({
    code: "ORR_ACCESS_FORBIDDEN",
    details: { field: "host" },
  });
});

test("a name that was allowed is one of the server's", async () => {
  const access = accessAt({ host: "127.0.0.1", allowedHosts: ["Orrery.Example"] });
  const host = "orrery.example:443";
  await expect(access.admit({ ...local, host }, "viewer")).resolves.toBeDefined();
});

test("a request of another site's page is refused, one of the server's own is not", async () => {
  const access = accessAt({ host: "127.0.0.1" });
  const from = (origin: string) => access.admit({ ...local, origin }, "viewer");
  await expect(from("http://127.0.0.1:8420")).resolves.toBeDefined();
  for (const origin of ["http://127.0.0.1:3000", "https://evil.example", "null"]) {
    await expect(from(origin)).rejects.toMatchObject({ details: { field: "origin" } });
  }
});

test("a valid token makes host and origin irrelevant: no page can know it", async () => {
  const access = accessAt({ host: "127.0.0.1" });
  const request = { authorization: "Bearer viewer", host: "proxy.example", origin: "http://x" };
  await expect(access.admit(request, "viewer")).resolves.toMatchObject({ role: "viewer" });
});

test.each([
  ["127.0.0.1", true],
  ["127.9.8.7", true],
  ["::1", true],
  ["[::1]", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example", false],
  ["", false],
])("%s stands for this machine only: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
