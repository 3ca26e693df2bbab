import { describe, expect, it } from "vitest";
import { Dependencies } from "./dependencies.ts";
import { defineGraph } from "./graph-definition.ts";
import { planGraph } from "./graph-plan.ts";

const house = new Dependencies<string>([
  ["walls", "floor"],
  ["roof", "walls"],
  ["garden", null],
]);
const estimates: Readonly<Record<string, number>> = { floor: 5, walls: 10, roof: 3, garden: 4 };
const settings = (node: string) => ({ estimateMs: estimates[node] ?? 0 });

describe("planGraph", () => {
  it("puts nodes into waves and says when each would start and finish", () => {
    expect(planGraph(house, { settings })).toEqual({
      waves: [
        [
          { node: "floor", startMs: 0, finishMs: 5 },
          { node: "garden", startMs: 0, finishMs: 4 },
        ],
        [{ node: "walls", startMs: 5, finishMs: 15 }],
        [{ node: "roof", startMs: 15, finishMs: 18 }],
      ],
      finishMs: 18,
      workMs: 22,
      criticalPath: { keys: ["floor", "walls", "roof"], weight: 18 },
    });
  });

  it("lets nodes wait for a place under a limit", () => {
    const { waves, finishMs } = planGraph(house, { settings, concurrency: 1 });
    expect(waves[0]?.[1]).toEqual({ node: "garden", startMs: 15, finishMs: 19 });
    expect(finishMs).toBe(22);
  });

  it("plans the way back", () => {
    const { waves } = planGraph(house, { settings, reverse: true });
    expect(waves.map((wave) => wave.map(({ node }) => node))).toEqual([
      ["roof", "garden"],
      ["walls"],
      ["floor"],
    ]);
    expect(waves[2]?.[0]).toEqual({ node: "floor", startMs: 13, finishMs: 18 });
  });

  it("takes a second for each node of which nothing is known, and a definition at its word", () => {
    expect(planGraph(house).finishMs).toBe(3_000);
    const graph = defineGraph()
      .node("a", { estimateMs: 20, run: () => 1 })
      .node("b", { requires: ["a"], run: () => 2 });
    expect(planGraph(graph).finishMs).toBe(1_020);
  });

  it("of nothing is empty", () => {
    expect(planGraph(new Dependencies())).toEqual({
      waves: [],
      finishMs: 0,
      workMs: 0,
      criticalPath: { keys: [], weight: 0 },
    });
  });

  it("refuses an unknown option", () => {
    const options: object = { concurency: 2 };
    expect(() => planGraph(house, options)).toThrow("options.concurency is not a known field");
  });
});
