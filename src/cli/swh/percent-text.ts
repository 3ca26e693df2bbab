/** Percentages on the command line. */

import { InvalidArgumentError } from "commander";

/**
 * Reads an argument from 0 to 100.
 * @throws InvalidArgumentError which the program ends with, naming the option and what it was given
 */
export function parsePercent(text: string): number {
  const percent = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && percent <= 100) return percent;
  throw new InvalidArgumentError("It must be a number from 0 to 100.");
}
