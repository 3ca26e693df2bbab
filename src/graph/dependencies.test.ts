import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dependencies } from "./dependencies.ts";
import type { Edge } from "./graph.ts";

const stack: readonly Edge<string>[] = [
  ["server", "port"],
  ["port", "network"],
  ["server", "volume"],
  ["dns", null],
];

describe("order", () => {
  it("takes the first mentioned node that requires nothing, and the required end first", () => {
    const dependencies = new Dependencies(stack);
    expect([...dependencies.graph()]).toEqual(["port", "server", "network", "volume", "dns"]);
    expect([...dependencies]).toEqual(["network", "port", "volume", "server", "dns"]);
    expect([...dependencies.reversed()]).toEqual(["server", "port", "network", "volume", "dns"]);
  });

  it("gives what comes before a cycle, and then the shortest cycle by name", () => {
    const dependencies = new Dependencies([
      ...stack,
      ["network", "server"],
      ["volume", "snapshot"],
      ["port", "dns"],
    ]);
    const order = dependencies[Symbol.iterator]();
    expect([order.next().value, order.next().value, order.next().value]).toEqual([
      "dns",
      "snapshot",
      "volume",
    ]);
    expect(() => order.next()).toThrow(
      expect.objectContaining({
        code: "ORR_INPUT_CYCLE",
        message: expect.stringContaining("the shortest is port > network > server > port, where"),
      }),
    );
  });

  it("with compat heat tells all that a cycle leaves over, and the cycle as the cause", () => {
    const dependencies = new Dependencies([...stack, ["network", "server"]], { compat: "heat" });
    expect(() => [...dependencies]).toThrow(
      expect.objectContaining({
        code: "ORR_INPUT_CYCLE",
        message: "Circular Dependency Found: {port: {network}, server: {port}, network: {server}}",
        details: expect.objectContaining({ cycle: ["port", "network", "server"] }),
      }),
    );
  });
});

describe("queries", () => {
  it("answer with neighbours, ends and edges", () => {
    const dependencies = new Dependencies(stack);
    expect([...dependencies.requires("server")]).toEqual(["port", "volume"]);
    expect([...dependencies.requiredBy("network")]).toEqual(["port"]);
    expect(dependencies.leaves()).toEqual(["network", "volume", "dns"]);
    expect(dependencies.roots()).toEqual(["server", "dns"]);
    expect([...dependencies.edges()]).toEqual([
      ["port", "network"],
      ["server", "port"],
      ["server", "volume"],
      ["dns", null],
    ]);
    expect([dependencies.size, dependencies.has("dns"), dependencies.has("lb")]).toEqual([
      5,
      true,
      false,
    ]);
    expect(() => dependencies.requires("lb")).toThrow(
      expect.objectContaining({ code: "ORR_NOT_FOUND_NODE" }),
    );
  });

  it("see what was added since", () => {
    const dependencies = new Dependencies<string>();
    expect(dependencies.size).toBe(0);
    expect([...dependencies.add(["b", "a"]).add(["b", "a"]).add(["b", null])]).toEqual(["a", "b"]);
    expect([...dependencies.add(["a", "c"])]).toEqual(["c", "a", "b"]);
  });

  it("know a node by identity, whatever it is", () => {
    const [first, second] = [{ name: "twin" }, { name: "twin" }];
    const dependencies = new Dependencies([[second, first]]);
    expect([...dependencies]).toEqual([first, second]);
    expect([...dependencies][0]).toBe(first);
    expect(String(dependencies)).toBe("{twin: {}, twin: {twin}}");
  });

  it("print as text and as sorted edges", () => {
    const dependencies = new Dependencies<string | number>([
      ["it's", 7],
      ["a", null],
    ]);
    expect(String(dependencies)).toBe("{7: {}, it's: {7}, a: {}}");
    expect(dependencies.repr()).toBe(`Dependencies([("it's", 7), ('a', None)])`);
  });
});

describe("slice", () => {
  it("is the node, all that requires it, and the edges between those", () => {
    const slice = new Dependencies(stack).slice("port");
    expect([...slice.edges()]).toEqual([["server", "port"]]);
    expect([...new Dependencies(stack).slice("server").edges()]).toEqual([["server", null]]);
    expect(() => slice.slice("network")).toThrow(
      expect.objectContaining({ code: "ORR_NOT_FOUND_NODE" }),
    );
  });

  it("of a ladder with 2 to the power of 5000 paths comes at once", () => {
    const rungs = Array.from({ length: 5_000 }, (_, at): readonly Edge<string>[] => [
      [`a${at + 1}`, `a${at}`],
      [`a${at + 1}`, `b${at}`],
      [`b${at + 1}`, `a${at}`],
      [`b${at + 1}`, `b${at}`],
    ]);
    expect(new Dependencies(rungs.flat()).slice("a0").size).toBe(10_001);
  });

  it("refuses a cycle in the part, and no other", () => {
    const dependencies = new Dependencies([...stack, ["network", "server"]]);
    expect(() => dependencies.slice("network")).toThrow(
      expect.objectContaining({ code: "ORR_INPUT_CYCLE" }),
    );
    expect(Array.from(dependencies.slice("dns"))).toEqual(["dns"]);
  });

  it("holds exactly the nodes from which the node can be reached", () => {
    const edges = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const dependencies = new Dependencies(
          pairs.map(([a, b]): Edge<number> => (a > b ? [a, b] : [a, null])),
        );
        for (const node of dependencies) {
          const reaching = [...dependencies].filter((each) => reaches(dependencies, each, node));
          expect(new Set(dependencies.slice(node).graph())).toEqual(new Set(reaching));
        }
      }),
    );
  });
});

function reaches(dependencies: Dependencies<number>, from: number, to: number): boolean {
  if (from === to) return true;
  return [...dependencies.requires(from)].some((next) => reaches(dependencies, next, to));
}

describe("graph", () => {
  it("is a copy from which nodes can be deleted", () => {
    const dependencies = new Dependencies(stack);
    const graph = dependencies.graph();
    graph.delete("port");
    expect([...graph.edges()]).toEqual([
      ["server", "volume"],
      ["network", null],
      ["dns", null],
    ]);
    expect([graph.size, graph.has("port"), [...graph]]).toEqual([
      4,
      false,
      ["server", "network", "volume", "dns"],
    ]);
    expect([...graph.requires("server")]).toEqual(["volume"]);
    expect([...graph.requiredBy("network")]).toEqual([]);
    expect(() => graph.delete("port")).toThrow("node port was deleted from the graph");
    expect(dependencies.size).toBe(5);
  });

  it("can have every edge turned round", () => {
    const graph = new Dependencies(stack).graph({ reverse: true });
    expect(String(graph)).toBe(
      "{port: {server}, server: {}, network: {port}, volume: {server}, dns: {}}",
    );
  });
});

describe("translate", () => {
  it("replaces nodes, merges those that become one, and asks for each once", () => {
    const asked: string[] = [];
    const translated = new Dependencies(stack).translate((node) => {
      asked.push(node);
      return node === "port" || node === "volume" ? "device" : node.toUpperCase();
    });
    expect(String(translated)).toBe("{device: {NETWORK}, SERVER: {device}, NETWORK: {}, DNS: {}}");
    expect(asked).toEqual(["port", "server", "network", "volume", "dns"]);
  });
});

it("refuses an option that it does not know", () => {
  const misspelt: object = { compt: "heat" };
  expect(() => new Dependencies([], misspelt)).toThrow(
    'options.compt is not a known field; did you mean "compat"?',
  );
});
