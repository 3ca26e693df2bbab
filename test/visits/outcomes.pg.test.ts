/** What runs that visit answer, and what the frontier knows of their origins afterwards. */

import { describe, expect, it } from "vitest";

import { ExecutorError } from "../../src/kernel/errors.ts";
import { eventful, failed, permfailed, uneventful } from "../../src/model/outcome.ts";
import { openVisitRig, urlOf } from "./stepped-rig.ts";

const dayMs = 86_400_000;
const url = urlOf(0);
const dated = { url, lastUpdateAt: "2025-12-01T00:00:00.000000Z" };

/** Milliseconds after which every cool-down is over. */
const cooledMs = 40 * dayMs;

describe("what a visit answers", () => {
  it.each([
    ["a snapshot", { snapshot: "ab12" }, "successful", "ab12"],
    ["a snapshot that it calls new", eventful({ snapshot: "AB" }), "successful", "ab"],
    ["a snapshot that it calls the same", uneventful({ snapshot: "ab" }), "successful", "ab"],
    ["that nothing is there", uneventful({ notFound: true }), "not_found", null],
    ["that nothing is there any more", { notFound: true, snapshot: "ab" }, "not_found", null],
    ["a failure", failed("no route"), "failed", null],
    ["a failure for good", permfailed("bad protocol"), "failed", null],
  ])("%s, is kept as it is", async (_, answer, status, snapshot) => {
    const rig = await openVisitRig({ answer: () => answer });
    await rig.list([dated]);
    expect(await rig.stepped.step()).toBe(1);
    expect(await rig.statsOf(url)).toMatchObject({
      lastVisitStatus: status,
      lastSnapshot: snapshot,
      lastVisitAt: "2026-01-01T00:00:00.001000Z",
      lastScheduledAt: "2026-01-01T00:00:00.000000Z",
      lastSuccessfulAt: status === "successful" ? "2026-01-01T00:00:00.001000Z" : null,
      positionOffset: 4,
      successiveVisits: 1,
    });
  });

  it("nothing of a snapshot: new ones count as new, the same as the same", async () => {
    const answers: unknown[] = [undefined, eventful(), uneventful(), uneventful({ bytes: 7 })];
    const rig = await openVisitRig({
      answer: () => answers.shift(),
      git: { policies: { "oldest-scheduled-first": 1 } },
    });
    await rig.list([dated]);
    const seen: [string | null, number, number][] = [];
    for (let visit = 0; visit < 4; visit += 1) {
      expect(await rig.stepped.step()).toBe(1);
      const { lastSnapshot, positionOffset, successiveVisits } = await rig.statsOf(url);
      seen.push([lastSnapshot, positionOffset, successiveVisits]);
      rig.stepped.clock.advance(cooledMs);
    }
    const [first, second, third, fourth] = seen;
    expect(first?.[0]).toMatch(/^0{24}[0-9a-f]{16}$/);
    expect(second?.[0]).not.toBe(first?.[0]);
    expect([third?.[0], fourth?.[0]]).toEqual([second?.[0], second?.[0]]);
    expect(seen.map(([, ...counts]) => counts)).toEqual([
      [4, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it.each([
    [{ snapshot: "xyz" }, "output.snapshot must be bytes in hexadecimal"],
    [{ snapshot: 7 }, "output.snapshot must be a text"],
    [{ snapshot: "ab".repeat(65) }, "output.snapshot must have at most 128 letters"],
    [{ lastUpdateAt: "yesterday" }, "output.lastUpdateAt"],
    [{ notFound: "yes" }, "output.notFound must be true or false"],
  ])("%j, is a failure that says what is wrong", async (output, message) => {
    const rig = await openVisitRig({ answer: () => output });
    await rig.list([dated]);
    await rig.stepped.step();
    const { items } = await rig.stepped.orrery.listRuns();
    expect(items[0]).toMatchObject({ state: "failed" });
    expect(items[0]?.error?.message).toContain(message);
    expect(await rig.statsOf(url)).toMatchObject({ lastVisitStatus: "failed" });
  });

  it("when the origin was updated: what is later than its lister knew is kept", async () => {
    const updates = ["2025-12-24T00:00:00Z", "2025-11-01T00:00:00Z"];
    const rig = await openVisitRig({
      answer: () => ({ snapshot: "ab", lastUpdateAt: updates.shift() ?? null }),
      git: { policies: { "without-last-update": 1, "oldest-scheduled-first": 1 } },
    });
    await rig.list([{ url, loaderArguments: { depth: 1 } }]);
    expect(await rig.stepped.step()).toBe(1);
    const peek = { visitType: "git", policy: "oldest-scheduled-first", count: 1 } as const;
    const listed = async (): Promise<unknown> => {
      rig.stepped.clock.advance(cooledMs);
      return (await rig.stepped.orrery.frontier.peekVisits(peek)).origins[0];
    };
    const later = { lastUpdateAt: "2025-12-24T00:00:00.000000Z", loaderArguments: { depth: 1 } };
    expect(await listed()).toMatchObject(later);
    expect(await rig.stepped.step()).toBe(1);
    expect(await listed()).toMatchObject(later);
  });
});

describe("a visit", () => {
  it("is told what is known of its origin", async () => {
    const rig = await openVisitRig({
      answer: () => ({ snapshot: "ab12" }),
      git: { policies: { "oldest-scheduled-first": 1 } },
    });
    await rig.list([{ ...dated, loaderArguments: { branch: "debian" } }]);
    await rig.stepped.step();
    rig.stepped.clock.advance(cooledMs);
    await rig.stepped.step();
    const known = {
      url,
      visitType: "git",
      lister: { name: "lister", instanceName: "" },
      loaderArguments: { branch: "debian" },
      policy: "oldest-scheduled-first",
      lastUpdateAt: dated.lastUpdateAt,
    };
    expect(rig.visited).toEqual([
      { ...known, lastVisitAt: null, lastSnapshot: null },
      { ...known, lastVisitAt: "2026-01-01T00:00:00.001000Z", lastSnapshot: "ab12" },
    ]);
  });

  it("that is tried again counts once, when it has ended", async () => {
    const rig = await openVisitRig({
      retry: { limit: 2, delayMs: 1 },
      answer: () => {
        throw new ExecutorError("ORR_EXEC_FAILED", "no route");
      },
    });
    await rig.list([dated]);
    const seen: (string | null)[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await rig.stepped.step()).toBe(attempt === 3 ? 1 : 0);
      rig.stepped.clock.advance(dayMs);
      seen.push((await rig.statsOf(url)).lastVisitStatus);
    }
    expect(seen).toEqual([null, null, "failed"]);
    expect(await rig.statsOf(url)).toMatchObject({ successiveVisits: 1 });
  });

  it("that was cancelled tells nothing of its origin", async () => {
    const rig = await openVisitRig({ answer: () => ({ snapshot: "ab" }) });
    await rig.list([dated]);
    await rig.stepped.orrery.visits.refill("git");
    const { items } = await rig.stepped.orrery.listRuns();
    for (const { id } of items) await rig.stepped.orrery.cancelRun(id);
    expect(await rig.stepped.step()).toBe(0);
    expect(await rig.statsOf(url)).toMatchObject({ lastVisitAt: null, lastVisitStatus: null });
  });

  it("that failed three times in a row gives its origin up, until it is listed again", async () => {
    const rig = await openVisitRig({
      answer: () => uneventful({ notFound: true }),
      git: { policies: { "oldest-scheduled-first": 1 } },
    });
    await rig.list([dated]);
    const ended: number[] = [];
    for (let visit = 0; visit < 4; visit += 1) {
      ended.push(await rig.stepped.step());
      rig.stepped.clock.advance(cooledMs);
    }
    expect(ended).toEqual([1, 1, 1, 0]);
    expect(await rig.statsOf(url)).toMatchObject({ positionOffset: 6, successiveVisits: 3 });
    await rig.list([dated]);
    expect(await rig.stepped.step()).toBe(1);
  });
});
