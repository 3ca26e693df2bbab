/**
 * What a run says of the origin that it has visited. The outcome says how it went: found something
 * new (`eventful`), the same as before (`uneventful`), or failed. Three fields of its output say
 * more: `snapshot`, `lastUpdateAt` and `notFound`.
 */

import { invalidField, readText } from "../kernel/fields.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { type Instant, parseInstant } from "../kernel/instant.ts";
import { isRecord, type JsonValue } from "../kernel/json.ts";
import { failed, type Outcome } from "./outcome.ts";
import type { ClaimedRun, RunVisit } from "./run.ts";

/** What the output of a visit may say; it may have further fields. */
export interface VisitFinding {
  /**
   * The id of what was found, in hexadecimal, 64 bytes at most: the same id again means that
   * nothing has changed. Without one, `eventful` counts as something new and `uneventful` as the
   * same as before.
   */
  readonly snapshot?: string;
  /** When the origin was last updated, in RFC 3339, if the visit has learnt that. */
  readonly lastUpdateAt?: string;
  /** That there is nothing at the origin's URL. @defaultValue false */
  readonly notFound?: boolean;
}

/** A finding that has been read. */
export interface ReadFinding {
  readonly snapshot: Uint8Array | null;
  readonly lastUpdateAt: Instant | null;
  readonly notFound: boolean;
}

/** Bytes of a snapshot's id. */
export const snapshotBytesMax = 64;

const nothing: ReadFinding = { snapshot: null, lastUpdateAt: null, notFound: false };

/** The origin that a run visits; undefined for a run that the frontier has not asked for. */
export function visitOfRun({
  overrides,
  input,
}: Pick<ClaimedRun, "overrides" | "input">): RunVisit | undefined {
  const visitType = overrides.visit;
  if (visitType === undefined || !isRecord(input)) return undefined;
  const { url } = input;
  return typeof url === "string" ? { url, visitType } : undefined;
}

/**
 * What an output says; one that is no object says nothing, and null is as good as absent.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`, as in `output.snapshot`
 */
export function readFinding(output: JsonValue): ReadFinding {
  if (!isRecord(output)) return nothing;
  const { snapshot = null, lastUpdateAt = null, notFound = null } = output;
  if (notFound !== null && typeof notFound !== "boolean") {
    throw invalidField("output.notFound", { expected: "true or false", value: notFound });
  }
  return {
    snapshot: snapshot === null ? null : readSnapshot(snapshot, "output.snapshot"),
    lastUpdateAt: lastUpdateAt === null ? null : readUpdate(lastUpdateAt),
    notFound: notFound ?? false,
  };
}

function readUpdate(value: unknown): Instant {
  const field = "output.lastUpdateAt";
  if (typeof value !== "string") throw invalidField(field, { expected: "an RFC 3339 time", value });
  return parseInstant(value, field);
}

/**
 * Reads the id of a snapshot.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export function readSnapshot(value: unknown, field: string): Uint8Array {
  const text = readText(value, { field, max: snapshotBytesMax * 2 });
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) {
    throw invalidField(field, { expected: "bytes in hexadecimal", value });
  }
  const pairs = text.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** The outcome of a visit; one whose finding cannot be read is a failure that says why. */
export function checkedVisitOutcome(outcome: Outcome): Outcome {
  if (outcome.kind !== "eventful" && outcome.kind !== "uneventful") return outcome;
  try {
    readFinding(outcome.output);
    return outcome;
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    return failed(thrown);
  }
}
