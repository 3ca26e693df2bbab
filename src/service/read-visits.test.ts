import { describe, expect, it } from "vitest";
import { intervalOf } from "../kernel/interval.ts";
import { defaultCooldowns } from "../policy/visit-cooldown.ts";
import { readVisits } from "./read-visits.ts";

const cooldowns = defaultCooldowns;

describe("readVisits", () => {
  it("fills in what is absent", () => {
    expect(readVisits({ git: { task: "load-git" }, npm: { task: "load-npm" } }, "visits")).toEqual([
      {
        visitType: "git",
        task: "load-git",
        queueLength: 1_000,
        refillPart: 0.05,
        policies: [
          { policy: "already-visited-by-lag", weight: 49, cooldowns },
          { policy: "never-visited-oldest-update-first", weight: 49, cooldowns },
          { policy: "without-last-update", weight: 2, cooldowns },
        ],
        firstVisits: { part: 0.5, priority: "high" },
        pollMs: 5_000,
        idleMs: 5_000,
      },
      expect.objectContaining({
        visitType: "npm",
        policies: [
          { policy: "already-visited-by-lag", weight: 40, cooldowns },
          { policy: "never-visited-oldest-update-first", weight: 40, cooldowns },
          { policy: "without-last-update", weight: 20, cooldowns },
        ],
      }),
    ]);
  });

  it("takes what is said, and leaves out policies without weight", () => {
    const git = {
      task: "load-git",
      queueLength: 7,
      refillPart: 1,
      policies: {
        "stop-after-success": 0,
        "oldest-scheduled-first": { weight: 2, cooldowns: { absoluteMs: 1_000, failedMs: null } },
      },
      firstVisits: false,
      pollMs: 10,
      idleMs: 20,
    };
    const own = { ...cooldowns, absolute: intervalOf({ seconds: 1 }), failed: null };
    expect(readVisits({ git }, "visits")).toEqual([
      {
        ...git,
        visitType: "git",
        policies: [{ policy: "oldest-scheduled-first", weight: 2, cooldowns: own }],
        firstVisits: null,
      },
    ]);
    const [first] = readVisits({ git: { task: "a", firstVisits: { part: 1 } } }, "visits");
    expect(first?.firstVisits).toEqual({ part: 1, priority: "high" });
  });

  it.each([
    [[], "visits must be an object of visit types"],
    [{ git: {} }, "visits.git.task must be a text that is not empty, not nothing"],
    [
      { git: { task: "a", queuelength: 1 } },
      'visits.git.queuelength is not a known field; did you mean "queueLength"?',
    ],
    [
      { git: { task: "a", queueLength: 0 } },
      "visits.git.queueLength must be a whole number from 1 to 100000, not 0",
    ],
    [
      { git: { task: "a", refillPart: 2 } },
      "visits.git.refillPart must be a number from 0 to 1, not 2",
    ],
    [
      { git: { task: "a", pollMs: 1 } },
      "visits.git.pollMs must be a number from 10 to 3600000, not 1",
    ],
    [
      { git: { task: "a", idleMs: "1" } },
      'visits.git.idleMs must be a number from 10 to 86400000, not "1"',
    ],
    [
      { git: { task: "a", policies: {} } },
      "visits.git.policies must be one policy at least with a weight above 0",
    ],
    [
      { git: { task: "a", policies: { "stop-after-success": 0 } } },
      "visits.git.policies must be one policy at least",
    ],
    [
      { git: { task: "a", policies: { "by-lag": 1 } } },
      "visits.git.policies.by-lag is not a known field",
    ],
    [{ git: { task: "a", policies: { "first-visits-after-listing": 1 } } }, "is not a known field"],
    [
      { git: { task: "a", policies: { "oldest-scheduled-first": -1 } } },
      "visits.git.policies.oldest-scheduled-first must be a number from 0 to 1000000, not -1",
    ],
    [
      {
        git: {
          task: "a",
          policies: { "oldest-scheduled-first": { weight: 1, cooldowns: { absoluteMs: -1 } } },
        },
      },
      "visits.git.policies.oldest-scheduled-first.cooldowns.absoluteMs must be a number from 0",
    ],
    [{ git: { task: "a", firstVisits: true } }, "visits.git.firstVisits must be an object"],
    [
      { git: { task: "a", firstVisits: { part: 0 } } },
      "visits.git.firstVisits.part must be a number from 0.001 to 1",
    ],
    [
      { git: { task: "a", firstVisits: { priority: "urgent" } } },
      "visits.git.firstVisits.priority must be one of high, normal, low",
    ],
    [
      { git: { task: "load" }, hg: { task: "load" } },
      "visits.hg.task must be a task type of its own, since visits.git has that one",
    ],
  ])("refuses %j", (value, message) => {
    expect(() => readVisits(value, "visits")).toThrow(message);
  });
});
