/** The one line that shows how far a run has come; where it is drawn is up to the caller. */

import { cutTo, onOneLine } from "./text-width.ts";

/** What is known of the run. */
export interface ProgressView {
  /** 0 to 1, or null when the end is not known. */
  readonly fraction: number | null;
  readonly message: string | null;
  /** What is shown when there is no message: the state. */
  readonly state: string;
  /** Counts up with each drawing; moves the mark when the end is not known. */
  readonly tick: number;
}

const barWidth = 24;
/** Cells of the moving mark. */
const markWidth = 6;

/** The line, without colours or line feed, cut to `width` cells. */
export function progressLine(view: ProgressView, width: number): string {
  const label = view.message ?? view.state;
  const percent =
    view.fraction === null ? "    " : `${Math.floor(clamp(view.fraction) * 100)}%`.padStart(4);
  return cutTo(`${bar(view)} ${percent} ${onOneLine(label)}`.trimEnd(), width);
}

function bar(view: ProgressView): string {
  if (view.fraction !== null) {
    const filled = Math.floor(clamp(view.fraction) * barWidth);
    return `[${"█".repeat(filled)}${"░".repeat(barWidth - filled)}]`;
  }
  const steps = barWidth - markWidth;
  // There and back again, so that the mark never jumps.
  const phase = view.tick % (2 * steps);
  const at = phase <= steps ? phase : 2 * steps - phase;
  return `[${"░".repeat(at)}${"█".repeat(markWidth)}${"░".repeat(steps - at)}]`;
}

function clamp(fraction: number): number {
  return Math.min(Math.max(fraction, 0), 1);
}
