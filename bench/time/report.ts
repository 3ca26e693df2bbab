/** Turns a recording into the tables that a person reads. */

import { spread, table } from "../markdown-table.ts";
import { summarise, summariseRatios, type Summary } from "../statistics.ts";
import type { Agreement, Difference } from "./agreement.ts";

/** Nanoseconds by name of library. */
export type Times = Readonly<Record<string, number>>;

/** What one round measured. */
export interface Round {
  /** One step forward, by expression. */
  readonly next: Readonly<Record<string, Times>>;
  /** Reading one expression, the mean of all. */
  readonly parse: Times;
  /** One minute of a listing. */
  readonly minutely: Times;
}

/** Everything a run of the bench found, as it is written to the results. */
export interface Recording {
  readonly machine: string;
  readonly node: string;
  readonly versions: readonly { readonly name: string; readonly version: string }[];
  readonly rounds: number;
  readonly steps: number;
  readonly minutes: number;
  readonly expressions: readonly string[];
  readonly agreement: Agreement;
  readonly measured: readonly Round[];
}

/** A ratio to croner that is to be reached. */
interface Work {
  readonly title: string;
  readonly target: number;
  readonly of: (round: Round) => Times;
}

const base = "orrery";
const targetPeer = "croner";
/** The release that the targets name. Against another one a ratio says nothing about them. */
const targetMajor = "11";
const minutesOfYear = 525_600;

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  const { versions } = recording;
  const works: readonly Work[] = [
    { title: "`next`, mean of the expressions", target: 50, of: meanNext },
    { title: "parse", target: 5, of: ({ parse }) => parse },
    { title: "`between`, a year of minutes", target: 100, of: ({ minutely }) => minutely },
  ];
  return [
    "# Time",
    "",
    `${versions.map(({ name, version }) => `${name} ${version}`).join(", ")};`,
    `Node.js ${recording.node}; ${recording.machine}.`,
    `${recording.rounds} interleaved rounds; times are medians, ratios are to orrery in the same`,
    "round: median (lowest–highest), above 1 is slower than orrery.",
    "",
    "## Ratios",
    "",
    ...worksTable(recording, works),
    "",
    `The year of minutes: orrery lists all ${minutesOfYear}, the others walk ` +
      `${recording.minutes} of them,`,
    "and the time per minute is compared.",
    "",
    "## `next` by expression, America/New_York",
    "",
    ...nextTable(recording),
    "",
    "## Do they mean the same?",
    "",
    `${recording.agreement.equalCount} fires away from clock changes: equal.`,
    "Around the two changes of 2027, six hours each way, fires that only one of two has:",
    "",
    ...differencesTable(recording.agreement.differences),
  ].join("\n");
}

function worksTable({ measured, versions }: Recording, works: readonly Work[]): string[] {
  const peers = Object.keys(measured[0]?.parse ?? {})
    .filter((name) => name !== base)
    .toSorted();
  const rows = works.map(({ title, target, of }) => {
    const rounds = measured.map(of);
    const isReached = ratios(rounds, targetPeer).median >= target;
    return [
      title,
      micros(rounds, base),
      ...peers.map((peer) => spread(ratios(rounds, peer), 0)),
      `${target}: ${judge(isReached, versions)}`,
    ];
  });
  return table(["work", "orrery µs", ...peers, `target, times croner ${targetMajor}`], rows);
}

function judge(isReached: boolean, versions: Recording["versions"]): string {
  const version = versions.find(({ name }) => name === targetPeer)?.version ?? "";
  const verdict = isReached ? "reached" : "missed";
  return version.startsWith(`${targetMajor}.`)
    ? verdict
    : `not measured (${verdict} against ${version})`;
}

function nextTable({ measured, expressions }: Recording): string[] {
  const peers = Object.keys(measured[0]?.parse ?? {})
    .filter((name) => name !== base)
    .toSorted();
  const rows = expressions.map((expression) => {
    const rounds = measured.map(({ next }) => next[expression] ?? {});
    const all = peers.map((peer) => spread(ratios(rounds, peer), 0));
    return [`\`${expression}\``, micros(rounds, base), ...all];
  });
  return table(["expression", "orrery µs", ...peers], rows);
}

/** By peer and policy: how often a rule differs, and one example. */
function differencesTable(differences: readonly Difference[]): string[] {
  const groups = Map.groupBy(differences, ({ peer, policy, changeAt }) =>
    [peer, changeAt.slice(0, 16), policy].join("|"),
  );
  const rows = [...groups].map(([key, group]) => {
    const [peer = "", changeAt = "", policy = ""] = key.split("|");
    const count = group.reduce((sum, each) => sum + each.count, 0);
    return [peer, changeAt, policy, String(count), group.map(exampleOf).join("; ")];
  });
  return table(["peer", "change, UTC", "orrery's policy", "fires", "first of each"], rows);
}

function exampleOf({ expression, onlyOrrery, onlyPeer }: Difference): string {
  const [ours] = onlyOrrery;
  const [theirs] = onlyPeer;
  const parts = [
    ours === undefined ? [] : [`orrery ${ours.slice(11, 16)}`],
    theirs === undefined ? [] : [`peer ${theirs.slice(11, 16)}`],
  ];
  return `\`${expression}\`: ${parts.flat().join(", ")}`;
}

/** The mean over the expressions: each takes the same number of steps. */
function meanNext({ next }: Round): Times {
  const all = Object.values(next);
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      all.reduce((sum, times) => sum + (times[name] ?? Number.NaN), 0) / all.length,
    ]),
  );
}

function ratios(rounds: readonly Times[], peer: string): Summary {
  const of = (name: string): number[] => rounds.map((times) => times[name] ?? Number.NaN);
  return summariseRatios(of(peer), of(base));
}

function micros(rounds: readonly Times[], name: string): string {
  const { median } = summarise(rounds.map((times) => times[name] ?? Number.NaN));
  return (median / 1000).toFixed(3);
}
