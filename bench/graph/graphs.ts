/** The graphs that are measured: the archive of the example, and random ones from a seed. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createRng, type Edge } from "orrery/graph";

/** A graph as both sides are handed it: names, and pairs of what requires what. */
export interface EdgeList {
  readonly names: readonly string[];
  readonly edges: readonly Edge<string>[];
}

/** The source packages of the example, with cycles. */
export function archiveEdges(): EdgeList {
  const file = "../../examples/debian-build-order/data/debian-build-deps.jsonl.gz";
  const text = gunzipSync(readFileSync(new URL(file, import.meta.url))).toString("utf8");
  const packages = text.trimEnd().split("\n").map(readPackage);
  return {
    names: packages.map(({ name }) => name),
    edges: packages.flatMap(({ name, requires }): readonly Edge<string>[] =>
      requires.length === 0 ? [[name, null]] : requires.map((other) => [name, other]),
    ),
  };
}

function readPackage(line: string): {
  readonly name: string;
  readonly requires: readonly string[];
} {
  const record: unknown = JSON.parse(line);
  if (
    typeof record === "object" &&
    record !== null &&
    "package" in record &&
    "requires" in record
  ) {
    const { package: name, requires } = record;
    if (typeof name === "string" && Array.isArray(requires)) return { name, requires };
  }
  throw new TypeError(`not a package: ${line}`);
}

/** Nodes of which each requires up to so many of those before it, by chance. */
export function randomEdges(nodeCount: number, requiredCount: number): EdgeList {
  const rng = createRng(20_260_101);
  const names = Array.from({ length: nodeCount }, (_, number) => `node-${number}`);
  const edges: Edge<string>[] = [];
  for (const [number, name] of names.entries()) {
    if (number === 0) edges.push([name, null]);
    // A chance that meets the same node twice makes an edge less, on both sides.
    const chosen = new Set<number>();
    for (let draw = 0; draw < Math.min(requiredCount, number); draw += 1) {
      chosen.add(Math.floor(rng.next() * number));
    }
    for (const other of chosen) edges.push([name, names[other] ?? ""]);
  }
  return { names, edges };
}
