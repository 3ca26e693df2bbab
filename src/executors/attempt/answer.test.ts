import { expect, test } from "vitest";

import { CancelledError, TimeoutError } from "../../kernel/errors.ts";
import {
  eventful,
  failed,
  type Outcome,
  permfailed,
  snoozed,
  uneventful,
} from "../../model/outcome.ts";
import { matching } from "../../../test/support/matching.ts";
import {
  answerOfReturned,
  answerOfThrown,
  interruptedOutcome,
  outcomeAfterAbort,
} from "./answer.ts";

const reasons = {
  cancel: new CancelledError("ORR_CANCELLED_RUN", "not needed any more"),
  timeout: new TimeoutError("ORR_TIMEOUT_RUN", "over 5 s"),
  shutdown: new CancelledError("ORR_CANCELLED_SHUTDOWN", "stopping"),
  lease: new CancelledError("ORR_CANCELLED_LEASE", "lease lost"),
};

test.each([
  ["undefined", undefined, null],
  ["a plain value", { rows: 3 }, { rows: 3 }],
  ["a record with an unknown kind", { kind: "apple" }, { kind: "apple" }],
])("%s is eventful", (_, value, output) => {
  expect(answerOfReturned(value).outcome).toEqual({ kind: "eventful", output });
});

test("outcomes pass through", () => {
  expect(answerOfReturned(uneventful({ same: true })).outcome).toEqual(uneventful({ same: true }));
  expect(answerOfReturned(snoozed(250)).outcome).toEqual(snoozed(250));
  const stop = permfailed("gone");
  expect(answerOfReturned(stop).outcome).toEqual(stop);
});

test.each([
  ["an eventful outcome whose output is no JSON", { kind: "eventful", output: 1n }, /bigint/],
  ["a snooze into the past", snoozed(-1), /delayMs of a snoozed outcome must be/],
  ["a snooze of no length", snoozed(Number.NaN), /not NaN/],
])("%s is a failure that says why", (_, value, message) => {
  const { outcome } = answerOfReturned(value);
  expect(outcome).toMatchObject({
    kind: "failed",
    error: { message: matching(message) },
  });
});

test.each([
  ["a text", "bad day", "bad day"],
  ["an error object", new RangeError("bad luck"), "bad luck"],
  ["nothing", undefined, "undefined"],
])("a failure that was named with %s as its error keeps it", (_, error, message) => {
  const { outcome } = answerOfReturned({ kind: "permfailed", error });
  expect(outcome).toMatchObject({
    kind: "permfailed",
    error: { code: "ORR_EXEC_FAILED", message },
  });
});

test("a thrown outcome counts like a returned one, anything else thrown is a failure", () => {
  expect(answerOfThrown(snoozed(5))).toEqual({ outcome: snoozed(5), deliberate: true });
  expect(answerOfThrown(new RangeError("x"))).toMatchObject({
    outcome: { kind: "failed" },
    deliberate: false,
  });
});

function aborted(reason: unknown): AbortSignal {
  return AbortSignal.abort(reason);
}

test("code that did not answer ends by the reason of the abort", () => {
  expect(interruptedOutcome(aborted(reasons.cancel))).toEqual({
    kind: "cancelled",
    reason: "not needed any more",
  });
  expect(interruptedOutcome(aborted(reasons.timeout))).toMatchObject({
    kind: "failed",
    error: { code: "ORR_TIMEOUT_RUN", message: "over 5 s" },
  });
  expect(interruptedOutcome(aborted(reasons.shutdown))).toEqual(snoozed(0));
  expect(interruptedOutcome(aborted(reasons.lease))).toMatchObject({ kind: "lost" });
  expect(interruptedOutcome(aborted("a text"))).toEqual({ kind: "cancelled", reason: "a text" });
});

const outcomes: readonly Outcome[] = [
  eventful(1),
  uneventful(),
  failed("x"),
  permfailed("y"),
  snoozed(9),
];

test.each([
  ["cancel", ["eventful", "uneventful", "cancelled", "cancelled", "cancelled"]],
  ["timeout", ["eventful", "uneventful", "failed", "failed", "failed"]],
  ["shutdown", ["eventful", "uneventful", "failed", "permfailed", "snoozed"]],
] as const)(
  "after an abort by %s done work stands and the rest follows the reason",
  (name, kinds) => {
    const signal = aborted(reasons[name]);
    const ended = outcomes.map((outcome) =>
      outcomeAfterAbort({ outcome, deliberate: true }, signal),
    );
    expect(ended.map(({ kind }) => kind)).toEqual(kinds);
    const timeouts = ended.filter(({ kind }) => name === "timeout" && kind === "failed");
    for (const outcome of timeouts) {
      expect(outcome).toMatchObject({ error: { code: "ORR_TIMEOUT_RUN" } });
    }
  },
);

test("an error thrown during a shutdown sends the run back to the queue", () => {
  const answer = answerOfThrown(new RangeError("connection closed"));
  expect(outcomeAfterAbort(answer, aborted(reasons.shutdown))).toEqual(snoozed(0));
});
