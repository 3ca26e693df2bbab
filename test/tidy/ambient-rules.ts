/**
 * Time, chance and identity come from the kernel's files alone, so that a test can hold them still.
 * Everything else that reaches for the machine's is found here, with what to use instead.
 */

import { child, dottedName, textOf, type Import, type Node, type Place } from "./syntax.ts";
import { isShipped, violationAt, type SourceFile, type Violation } from "./source-file.ts";

const keepers = new Set(
  ["clock", "rng", "ids", "instant", "secrets"].map((name) => `src/kernel/${name}.ts`),
);

const rule = "ambient";

const useClock = "receive a Clock";
const useRng = "receive an Rng";
const useIds = "use src/kernel/ids.ts";

/** Global names, or members of them, with what to use instead. */
const banned: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Date: "use Instant of src/kernel/instant.ts",
    performance: useClock,
    setTimeout: useClock,
    setInterval: useClock,
    setImmediate: useClock,
    clearTimeout: useClock,
    clearInterval: useClock,
    clearImmediate: useClock,
    "AbortSignal.timeout": useClock,
    "Temporal.Now": useClock,
    "process.hrtime": useClock,
    "process.uptime": useClock,
    "Math.random": useRng,
    "crypto.getRandomValues": useRng,
    "crypto.randomUUID": useIds,
  }),
);

const bannedModules: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "node:timers": useClock,
    "node:timers/promises": useClock,
    "node:perf_hooks": useClock,
  }),
);

/** Functions of `node:crypto` that give the same answer each time, which is all we want of it. */
const steadyCrypto = new Set(["createHash", "createHmac", "timingSafeEqual", "hash", "scrypt"]);

/** Type positions name a type, not the global value. */
const typePositions =
  /^TS(TypeReference|TypeQuery|QualifiedName|InterfaceHeritage|ClassImplements)$/;

/** Uses of ambient time, chance and identity by shipped code outside the kernel's keepers. */
export function ambientViolations(file: SourceFile): readonly Violation[] {
  if (!isShipped(file.path) || keepers.has(file.path)) return [];
  const places = file.syntax?.places ?? [];
  const bound = boundNames(places);
  const found = places.flatMap((place) => {
    const name = ambientName(place);
    const instead = name === undefined ? undefined : banned.get(name);
    const root = name?.split(".")[0] ?? "";
    if (name === undefined || instead === undefined || bound.has(root)) return [];
    return [violationAt(file, place.line, { rule, message: `${name}: ${instead}` })];
  });
  const imports = (file.syntax?.imports ?? []).flatMap((item) => {
    const reason = moduleBreach(item);
    return reason === undefined
      ? []
      : [violationAt(file, item.line, { rule, message: `${item.specifier}: ${reason}` })];
  });
  return [...found, ...imports];
}

function moduleBreach(item: Import): string | undefined {
  if (item.typeOnly) return undefined;
  if (item.specifier !== "node:crypto") return bannedModules.get(item.specifier);
  const chancy = item.names.filter((name) => !steadyCrypto.has(name));
  return chancy.length === 0 ? undefined : `${chancy.join(", ")}: ${useIds}`;
}

/** The global that this place reads, in the form of the table's keys. */
function ambientName({ node, ancestors }: Place): string | undefined {
  const parent = ancestors.at(-1);
  if (parent !== undefined && typePositions.test(parent.type)) return undefined;
  if (node.type === "MemberExpression") return dottedName(node)?.replace(/^globalThis\./, "");
  if (node.type !== "Identifier" || isNameOnly(node, parent)) return undefined;
  return textOf(node);
}

/** A property's name or a key: `row.Date`, `{ Date: 1 }`, `performance()` as a method's name. */
function isNameOnly(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent["computed"] === true) return false;
  const isKey = child(parent, "key") === node && parent["shorthand"] !== true;
  return isKey || child(parent, "property") === node;
}

/** Names that the file declares itself, whatever the scope: coarse, and enough. */
function boundNames(places: readonly Place[]): ReadonlySet<string> {
  const names = places.flatMap(({ node, ancestors }) => {
    const parent = ancestors.at(-1);
    if (node.type !== "Identifier" || parent === undefined) return [];
    const declares =
      (child(parent, "id") === node && parent.type !== "TSTypeAliasDeclaration") ||
      (child(parent, "local") === node && parent.type.startsWith("Import")) ||
      (Array.isArray(parent["params"]) && parent["params"].includes(node)) ||
      (parent.type === "Property" && child(parent, "value") === node && isPattern(ancestors));
    return declares ? [textOf(node) ?? ""] : [];
  });
  return new Set(names);
}

function isPattern(ancestors: readonly Node[]): boolean {
  return ancestors.at(-2)?.type === "ObjectPattern";
}
