import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dependencies } from "./dependencies.ts";
import { dotOf } from "./dot.ts";
import { type Edge, graphOf } from "./graph.ts";
import { mermaidOf } from "./mermaid.ts";
import type { PictureState } from "./picture.ts";

const edges: readonly Edge<string>[] = [
  ["walls", "floor"],
  ["roof", "walls"],
  ["garden", null],
];
const states: Readonly<Record<string, PictureState>> = { floor: "succeeded", walls: "running" };

describe("mermaidOf", () => {
  it("draws nodes, and arrows from what is required to what requires it", () => {
    expect(mermaidOf(graphOf(edges))).toBe(`flowchart TD
  n0["floor"]
  n1["walls"]
  n2["roof"]
  n3["garden"]
  n0 --> n1
  n1 --> n2
`);
  });

  it("colours nodes by state and names them as it is told", () => {
    const text = mermaidOf(new Dependencies(edges), {
      direction: "right",
      state: (node) => states[node],
      label: (node) => `${node}\n${states[node] ?? "waiting"}`,
    });
    expect(text).toBe(`flowchart LR
  n0["floor<br/>succeeded"]:::succeeded
  n1["walls<br/>running"]:::running
  n2["roof<br/>waiting"]
  n3["garden<br/>waiting"]
  n0 --> n1
  n1 --> n2
  classDef succeeded fill:#dafbe1,stroke:#1a7f37,color:#1f2328
  classDef running fill:#b6e3ff,stroke:#0969da,color:#1f2328
`);
  });

  // Each was drawn by Mermaid 12 and read back: it shows the name as it stands here.
  it.each([
    ['a"b', "a#34;b"],
    ["x #35; y", "x #35;35; y"],
    ["<b>bold</b>", "#60;b#62;bold#60;/b#62;"],
    ["&amp;", "#38;amp;"],
    ["`code`", "#96;code#96;"],
    ["%%{init: {}}%%", "#37;#37;{init: {}}#37;#37;"],
    ["$$x^2$$", "#36;#36;x^2#36;#36;"],
    ["a\\nb", "a#92;nb"],
    ["fa:fa-car", "fa#58;fa-car"],
    ["", " "],
    ["tab\there", "tab here"],
    ["two\r\nlines", "two<br/>lines"],
    ["end", "end"],
    ["a]-->b", "a]--#62;b"],
  ])("writes the name %j as %j", (name, written) => {
    expect(mermaidOf(graphOf([[name, null]]))).toBe(`flowchart TD\n  n0["${written}"]\n`);
  });
});

describe("dotOf", () => {
  it("draws the same graph", () => {
    const text = dotOf(graphOf(edges), { state: (node) => states[node], direction: "right" });
    expect(text).toBe(`digraph {
  rankdir=LR;
  node [shape=box];
  n0 [label="floor", style=filled, fillcolor="#dafbe1", color="#1a7f37"];
  n1 [label="walls", style=filled, fillcolor="#b6e3ff", color="#0969da"];
  n2 [label="roof"];
  n3 [label="garden"];
  n0 -> n1;
  n1 -> n2;
}
`);
  });

  // Each was drawn by Graphviz and read back: it shows the name as it stands here.
  it.each([
    ['a"b', String.raw`a\"b`],
    [String.raw`\N`, String.raw`\\N`],
    ["&lt;", "&amp;lt;"],
    ["<b>", "<b>"],
    ["two\nlines", String.raw`two\nlines`],
    ["", ""],
    ['\\"; evil [', String.raw`\\\"; evil [`],
  ])("writes the label %j as %j", (name, written) => {
    expect(dotOf(graphOf([[name, null]]))).toContain(`  n0 [label="${written}"];\n`);
  });
});

describe("names", () => {
  it("of any kind add no line and no quote to a picture", () => {
    const name = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(name, name, (one, other) => {
        const graph = graphOf<string>([[one, other]]);
        const plain = graphOf<string>([one === other ? ["a", "a"] : ["a", "b"]]);
        for (const draw of [mermaidOf, dotOf] as const) {
          const shapeOf = (text: string): string => text.replace(/"(?:\\.|[^"\\])*"/g, '""');
          expect(shapeOf(draw(graph))).toBe(shapeOf(draw(plain)));
        }
      }),
    );
  });

  it("are those of objects, or what objects print", () => {
    const text = mermaidOf(graphOf<unknown>([[{ name: "server" }, 7]]));
    expect(text).toContain('n0["7"]');
    expect(text).toContain('n1["server"]');
  });
});

it("an unknown option is refused", () => {
  const options: object = { colour: "red" };
  expect(() => dotOf(graphOf(edges), options)).toThrow("options.colour is not a known field");
});
