/** Colours by meaning, and whether to use them at all. */

import { styleText } from "node:util";

/** What a piece of text means to the reader. */
export type Style = "plain" | "dim" | "strong" | "good" | "warning" | "bad" | "busy";

/** Puts a style around text. */
export type Paint = (style: Style, text: string) => string;

type Format = Parameters<typeof styleText>[0];

const formats: Readonly<Record<Exclude<Style, "plain">, Format>> = {
  dim: "dim",
  strong: "bold",
  good: "green",
  warning: "yellow",
  bad: "red",
  busy: "cyan",
};

/** Leaves text as it is. */
export const paintNothing: Paint = (_style, text) => text;

/** Colours for a stream that shows them. */
export const paintColours: Paint = (style, text) =>
  // The caller has decided already; the stream is not asked a second time.
  style === "plain" || text === ""
    ? text
    : styleText(formats[style], text, { validateStream: false });

/**
 * Whether to colour: only on a terminal, never with `NO_COLOR` set to anything or `TERM=dumb`;
 * `FORCE_COLOR` set to anything but 0 wins over all of them.
 * @source https://no-color.org
 */
export function wantsColour(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0";
  const refused = env["NO_COLOR"];
  if (refused !== undefined && refused !== "") return false;
  return isTerminal && env["TERM"] !== "dumb";
}
