import { describe, expect, it } from "vitest";
import { readRetryDelays, retryDelaysDefault } from "./retry-delay.ts";

const bounds = { field: "retry", msMax: 10_000_000 };

describe("readRetryDelays", () => {
  it("fills in what is missing, and lets null lift the longest delay", () => {
    expect(readRetryDelays({}, bounds)).toEqual(retryDelaysDefault);
    expect(readRetryDelays({ delayMsMax: null, factor: 2 }, bounds)).toEqual({
      ...retryDelaysDefault,
      factor: 2,
    });
  });

  it("keeps the first delay and the longest one in order, whichever is given", () => {
    expect(readRetryDelays({ delayMsMax: 10 }, bounds)).toMatchObject({ delayMs: 10 });
    expect(readRetryDelays({ delayMs: 4_000_000 }, bounds)).toMatchObject({
      delayMsMax: 4_000_000,
    });
  });

  it.each([
    [{ delayMs: 11_000_000 }, "retry.delayMs must be a number from 0 to 10000000, not 11000000"],
    [{ delayMs: 5, delayMsMax: 4 }, "retry.delayMs must be a number from 0 to 4, not 5"],
    [{ delayMs: null }, "retry.delayMs must be a number from 0 to 10000000, not null"],
    [{ factor: 0.5 }, "retry.factor must be a number from 1 to 1000, not 0.5"],
    [{ jitter: 2 }, "retry.jitter must be a number from 0 to 1, not 2"],
  ])("refuses %j", (given, message) => {
    expect(() => readRetryDelays(given, bounds)).toThrow(message);
  });
});
