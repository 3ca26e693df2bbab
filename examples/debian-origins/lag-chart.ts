/** The lag over time as a picture: a line for each policy, one for all origins, days from left. */

import type { LagOfDay } from "./lag.ts";
import { policyTitles } from "./lag-table.ts";

const dayMs = 86_400_000;
const size = { width: 960, height: 480 };
const frame = { left: 70, right: 210, top: 50, bottom: 60 };
const colours = ["#8a6d3b", "#1f77b4", "#2ca02c", "#d62728"];
const colourOfAll = "#444444";
const ticksMax = 8;

interface Line {
  readonly title: string;
  readonly colour: string;
  readonly isDashed: boolean;
  /** Days of lag by day; null where nothing was found. */
  readonly points: readonly (number | null)[];
}

/** An SVG document of its own. */
export function lagChart(lags: readonly LagOfDay[], subtitle: string): string {
  const lines = linesOf(lags);
  const top = Math.max(...lines.flatMap(({ points }) => points.map((each) => each ?? 0)), 1);
  const step = niceStep(top / ticksMax);
  const scale = scaleOf(lags.length, Math.ceil(top / step) * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}"`,
    ` font-family="sans-serif" font-size="13">`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    `<text x="${frame.left}" y="22" font-size="17">Lag of visits, by policy</text>`,
    `<text x="${frame.left}" y="40" fill="#666666">${subtitle}</text>`,
    ...axes(scale, lags.length, step),
    ...lines.map((line) => drawn(line, scale)),
    ...lines.map(legend),
    "</svg>",
    "",
  ].join("\n");
}

function linesOf(lags: readonly LagOfDay[]): readonly Line[] {
  const ofPolicies = [...policyTitles].map(([policy, title], index) => ({
    title,
    colour: colours[index] ?? colourOfAll,
    isDashed: false,
    points: lags.map(({ medianMs }) => daysOf(medianMs.get(policy))),
  }));
  const points = lags.map(({ meanUnseenMs }) => meanUnseenMs / dayMs);
  return [
    ...ofPolicies,
    { title: "all origins, mean", colour: colourOfAll, isDashed: true, points },
  ];
}

function daysOf(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / dayMs;
}

interface Scale {
  readonly x: (day: number) => number;
  readonly y: (lagDays: number) => number;
  readonly top: number;
}

function scaleOf(dayCount: number, top: number): Scale {
  const width = size.width - frame.left - frame.right;
  const height = size.height - frame.top - frame.bottom;
  const x = (day: number): number => frame.left + (width * day) / dayCount;
  const y = (lagDays: number): number => size.height - frame.bottom - (height * lagDays) / top;
  return { x, y, top };
}

function axes(scale: Scale, dayCount: number, step: number): readonly string[] {
  const { x, y, top } = scale;
  const parts: string[] = [];
  for (let lag = 0; lag <= top + step / 2; lag += step) {
    const height = y(lag).toFixed(1);
    parts.push(
      `<line x1="${x(0)}" x2="${x(dayCount)}" y1="${height}" y2="${height}" stroke="#dddddd"/>`,
      `<text x="${x(0) - 8}" y="${height}" dy="4" text-anchor="end">${Number(lag.toFixed(2))}</text>`,
    );
  }
  const dayStep = Math.max(Math.round(dayCount / 6), 1);
  for (let day = 0; day <= dayCount; day += dayStep) {
    const height = size.height - frame.bottom + 20;
    parts.push(`<text x="${x(day).toFixed(1)}" y="${height}" text-anchor="middle">${day}</text>`);
  }
  const middle = x(dayCount / 2).toFixed(1);
  parts.push(
    `<text x="${middle}" y="${size.height - 18}" text-anchor="middle">day</text>`,
    `<text transform="translate(22 ${y(top / 2).toFixed(1)}) rotate(-90)" text-anchor="middle">days` +
      " that what was found had waited, median</text>",
  );
  return parts;
}

/** Where a policy found nothing its line stops, and goes on later. */
function drawn({ points, colour, isDashed }: Line, { x, y }: Scale): string {
  let path = "";
  let isOpen = false;
  for (const [index, point] of points.entries()) {
    if (point !== null) {
      path += `${isOpen ? "L" : "M"}${x(index + 1).toFixed(1)} ${y(point).toFixed(1)}`;
    }
    isOpen = point !== null;
  }
  const dash = isDashed ? ' stroke-dasharray="6 4"' : "";
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
}

function legend({ title, colour, isDashed }: Line, index: number): string {
  const left = size.width - frame.right + 20;
  const height = frame.top + 20 + index * 24;
  const dash = isDashed ? ' stroke-dasharray="6 4"' : "";
  return (
    `<line x1="${left}" x2="${left + 28}" y1="${height}" y2="${height}" stroke="${colour}"` +
    ` stroke-width="3"${dash}/><text x="${left + 36}" y="${height}" dy="4">${title}</text>`
  );
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}
