/**
 * YAML as the reference's command line reads it: the scalars of YAML 1.1 in the forms that Python's
 * reader takes. The library finds the structure; what a plain scalar means is decided here, because
 * whole numbers and fractions must stay apart and dates stay text, which is all that arguments of
 * tasks can hold.
 */

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type ParsedNode,
  type Scalar,
} from "yaml";
import { Float, type SwhJson } from "../../compat/swh/values.ts";
import { InvalidInputError, messageOf } from "../../kernel/errors.ts";

/** Values of one document at most; an anchor that is repeated without end has more. */
const valueCountMax = 100_000;
/** Levels of one document at most; an anchor that holds itself has more. */
const depthMax = 500;

/**
 * The value of a document.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for text that is no YAML, and for values that JSON
 * cannot hold
 */
export function parseYaml(text: string): SwhJson {
  const document = parseDocument(text, { version: "1.1", schema: "failsafe", logLevel: "silent" });
  const [problem] = [...document.errors, ...document.warnings];
  // The rest of the message shows the text again.
  if (problem !== undefined) throw invalid(problem.message.split("\n")[0] ?? "");
  try {
    return new Reader(document).read(document.contents, 0);
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) throw thrown;
    throw invalid(messageOf(thrown));
  }
}

function invalid(what: string): InvalidInputError {
  return new InvalidInputError("ORR_INPUT_INVALID", what, { details: { field: "yaml" } });
}

class Reader {
  readonly #document: Document.Parsed;
  #valueCount = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(node: ParsedNode | null, depth: number): SwhJson {
    if (depth > depthMax) throw invalid("the document is nested too deep");
    this.#valueCount += 1;
    if (this.#valueCount > valueCountMax) throw invalid("the document has too many values");
    if (node === null) return null;
    if (isAlias(node)) return this.#readAlias(node.resolve(this.#document), depth);
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node)) return node.items.map((each) => this.read(each, depth + 1));
    if (isMap(node)) {
      return Object.fromEntries(
        node.items.map(({ key, value }) => [
          keyText(this.read(key, depth + 1)),
          this.read(value, depth + 1),
        ]),
      );
    }
    throw invalid("the document is of an unknown kind");
  }

  #readAlias(target: unknown, depth: number): SwhJson {
    if (!isNode(target)) throw invalid("an alias names an anchor that is not there");
    return this.read(target, depth);
  }
}

function isNode(value: unknown): value is ParsedNode {
  return isScalar(value) || isSeq(value) || isMap(value);
}

/** JSON has keys of text only; Python writes those of other kinds as text. */
function keyText(key: SwhJson): string {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "boolean" || typeof key === "bigint") return String(key);
  if (typeof key === "number") return String(key);
  throw invalid("a key must be text");
}

function scalarValue({ value, type, tag }: Scalar): SwhJson {
  if (typeof value !== "string") throw invalid("a scalar must be text");
  if (tag === "tag:yaml.org,2002:str" || (type !== undefined && type !== "PLAIN")) return value;
  if (tag !== undefined && tag !== "!") throw invalid(`the tag ${tag} is not known here`);
  for (const [form, read] of plainForms) {
    if (form.test(value)) return read(value);
  }
  return value;
}

const plainForms: readonly (readonly [form: RegExp, read: (text: string) => SwhJson])[] = [
  [/^(?:~|null|Null|NULL|)$/, () => null],
  [/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, () => true],
  [/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, () => false],
  [/^[-+]?0b[01_]+$/, (text) => wholeOf(text, { prefix: "0b" })],
  [/^[-+]?0x[0-9a-fA-F_]+$/, (text) => wholeOf(text, { prefix: "0x" })],
  [/^[-+]?0[0-7_]+$/, (text) => wholeOf(text, { prefix: "0" })],
  [/^[-+]?(?:0|[1-9][0-9_]*)$/, (text) => wholeOf(text, { prefix: "" })],
  [/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, sexagesimalOf],
  [/^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/, fractionOf],
  [/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/, notInJson],
];

const radixMarks: Readonly<Record<string, string>> = { "0b": "0b", "0x": "0x", "0": "0o", "": "" };

function wholeOf(text: string, { prefix }: { readonly prefix: string }): SwhJson {
  const { isNegative, rest } = signOf(text);
  const digits = rest.slice(prefix.length).replaceAll("_", "");
  if (digits === "") return 0;
  return signed(BigInt(`${radixMarks[prefix] ?? ""}${digits}`), { isNegative });
}

/** `1:30` is ninety, as in minutes and seconds. */
function sexagesimalOf(text: string): SwhJson {
  const { isNegative, rest } = signOf(text);
  const parts = rest.replaceAll("_", "").split(":");
  const sum = parts.reduce((total, part) => total * 60n + BigInt(part), 0n);
  return signed(sum, { isNegative });
}

function signOf(text: string): { readonly isNegative: boolean; readonly rest: string } {
  return { isNegative: text.startsWith("-"), rest: text.replace(/^[-+]/, "") };
}

function signed(size: bigint, { isNegative }: { readonly isNegative: boolean }): SwhJson {
  const value = isNegative ? -size : size;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function fractionOf(text: string): SwhJson {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isFinite(value)) return notInJson(text);
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

function notInJson(text: string): never {
  throw invalid(`arguments of tasks cannot hold ${text}`);
}
