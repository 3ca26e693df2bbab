/**
 * The child's side of a chaos test: settings come as JSON in the first argument, orders as lines of
 * JSON on the input, and what happens is told as lines of JSON on the output. A child whose test is
 * gone finds its input closed and ends.
 */

import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";

import { isRecord } from "../../src/kernel/json.ts";

/** An order or a message: a record that says its kind. */
export type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

/** Tells the test; complete when it returns, so that it is told also by who is killed next. */
export function tell(line: Line): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (thrown) {
      // EAGAIN: the pipe is full, and the test reads it. Anything else: nobody listens any more.
      if (!(thrown instanceof Error) || !("code" in thrown) || thrown.code !== "EAGAIN") return;
    }
  }
}

/** The settings that the test handed over; for a program to read once, at first. */
export function readSettings(): Readonly<Record<string, unknown>> {
  // All modules are loaded by now. A child that is killed would not leave its cache to the next.
  flushCompileCache();
  const settings: unknown = JSON.parse(process.argv[2] ?? "{}");
  return isRecord(settings) ? settings : {};
}

/** Calls back for each order; ends the process when the test is gone. */
export function onOrder(act: (order: Line) => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (text) => {
    const order = lineOf(text);
    if (order !== undefined) act(order);
  });
  lines.on("close", () => process.exit(70));
}

/** A line of JSON with its kind, or nothing. */
export function lineOf(text: string): Line | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || typeof value["kind"] !== "string") return undefined;
  return { ...value, kind: value["kind"] };
}

/** A text among settings or in an order. */
export function textIn(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name];
  if (typeof value !== "string") throw new Error(`${name} must be a text, not ${String(value)}`);
  return value;
}

/** A number among settings or in an order. */
export function numberIn(record: Readonly<Record<string, unknown>>, name: string): number {
  const value = record[name];
  if (typeof value !== "number") throw new Error(`${name} must be a number, not ${String(value)}`);
  return value;
}
