/** Who may import whom, that nobody imports in a circle, and which packages a room may name. */

import { dirname, posix } from "node:path";
import type { Import } from "./syntax.ts";
import { isShipped, violationAt, type SourceFile, type Violation } from "./source-file.ts";

const rule = "imports";

const domain = ["kernel", "time", "policy", "graph", "model"];
const drops = ["compat/swh", "compat/em", "compat/bi-etl", "compat/geohealthcheck"];
const middle = ["net", "store", "engine", "service", "executors", "notify", "monitor"];
const edge = ["api", "http", "client"];
const composed = [...domain, ...middle, ...edge, ...drops];
const forCompat = [...domain, "api", "service", "monitor"];

/** Room to the rooms it may import besides itself; the order is from the bottom up. */
const roomImports: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  time: ["kernel"],
  policy: ["kernel"],
  graph: ["kernel"],
  model: ["kernel", "time", "policy", "graph"],
  store: domain,
  engine: domain,
  service: domain,
  net: ["kernel"],
  executors: ["kernel", "model", "net"],
  notify: ["kernel", "policy", "model", "net"],
  monitor: ["kernel", "time", "policy", "model", "net"],
  api: domain,
  http: ["kernel", "model", "api", "service"],
  client: ["kernel", "api"],
  ...Object.fromEntries(drops.map((room) => [room, [...forCompat, `${room}/sql`]])),
  ...Object.fromEntries(drops.map((room) => [`${room}/sql`, ["kernel", "model"]])),
  app: [...composed, ...drops.map((room) => `${room}/sql`)],
  testing: [...domain, "app"],
  cli: [...composed, "app", "testing"],
  public: [...composed, "app", "testing"],
};

/** Rooms that run in a browser too: no `node:` module. */
const browserSafe = new Set([...domain, "api", "client"]);
/** Rooms that may name no package at all, not even a declared one. */
const withoutPackages = new Set(["kernel", "policy", "graph", "model", "client"]);

/** What the packages' manifest allows shipped code to import. */
export interface Manifest {
  readonly name: string;
  readonly packages: ReadonlySet<string>;
}

/** The room of a path below `src/`; undefined when it lies in none. */
function roomOf(path: string): string | undefined {
  const compat = /^src\/(compat\/[^/]+(?:\/sql(?=\/))?)\//.exec(path)?.[1];
  return compat ?? /^src\/([^/]+)\//.exec(path)?.[1];
}

/** Breaches of the import table by shipped code. */
export function importViolations(file: SourceFile, manifest: Manifest): readonly Violation[] {
  if (!isShipped(file.path)) return outsideViolations(file);
  const room = roomOf(file.path);
  if (room === undefined || roomImports[room] === undefined) {
    return [
      violationAt(file, 1, { rule, message: `no room of the table: ${room ?? "src itself"}` }),
    ];
  }
  return (file.syntax?.imports ?? []).flatMap((item) => {
    const reason = item.specifier.startsWith(".")
      ? relativeBreach({ file, room, item })
      : packageBreach({ room, manifest, specifier: item.specifier });
    return reason === undefined
      ? []
      : [violationAt(file, item.line, { rule, message: `${item.specifier}: ${reason}` })];
  });
}

/** Examples, bench and dashboard use the package by its public name. */
function outsideViolations(file: SourceFile): readonly Violation[] {
  if (!/^(examples|bench|dashboard)\//.test(file.path)) return [];
  return (file.syntax?.imports ?? [])
    .filter((item) => resolved(file.path, item.specifier)?.startsWith("src/") === true)
    .map(({ line, specifier }) =>
      violationAt(file, line, { rule, message: `${specifier}: import the public name` }),
    );
}

function relativeBreach(from: {
  readonly file: SourceFile;
  readonly room: string;
  readonly item: Import;
}): string | undefined {
  const { file, room, item } = from;
  const target = resolved(file.path, item.specifier) ?? "";
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return "leaves the rooms of src";
  if (target.endsWith(".test.ts")) return "test code never reaches shipped code";
  if (!/\.(ts|json)$/.test(target)) return "name the file with its ending";
  if (targetRoom === room) return undefined;
  if (room.endsWith("/sql") && target === "src/store/session.ts") return undefined;
  if (roomImports[room]?.includes(targetRoom) !== true)
    return `${room} may not import ${targetRoom}`;
  if (room === "api" && targetRoom === "model" && !item.typeOnly) return "api takes types only";
  return undefined;
}

function packageBreach(from: {
  readonly room: string;
  readonly manifest: Manifest;
  readonly specifier: string;
}): string | undefined {
  const { room, manifest, specifier } = from;
  if (specifier.startsWith("node:")) {
    return browserSafe.has(room) ? `${room} also runs in a browser` : undefined;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (name === manifest.name) return "import the defining file, not the package itself";
  if (!manifest.packages.has(name)) return "not a dependency of the published package";
  return withoutPackages.has(room) ? `${room} imports no package` : undefined;
}

function resolved(path: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(dirname(path), specifier) : undefined;
}

/** Each circle of imports between shipped files, once, at its first file; types count too. */
export function cycleViolations(files: readonly SourceFile[]): readonly Violation[] {
  const shipped = files.filter((file) => isShipped(file.path));
  const targets = new Map(
    shipped.map((file) => [
      file.path,
      (file.syntax?.imports ?? []).flatMap((item) => resolved(file.path, item.specifier) ?? []),
    ]),
  );
  return shipped.flatMap((file) => {
    const path = shortestCircle(file.path, targets);
    // Every file of a circle finds it; the first by name reports it.
    if (path === undefined || path.some((other) => other < file.path)) return [];
    const message = `circle: ${[...path, file.path].join(" > ")}`;
    return [violationAt(file, 1, { rule: "cycle", message })];
  });
}

function shortestCircle(
  start: string,
  targets: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const target of targets.get(path) ?? []) {
      if (target === start) return trail(path, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return undefined;
}

function trail(last: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [last];
  for (let at = cameFrom.get(last); at !== undefined; at = cameFrom.get(at)) path.unshift(at);
  return path;
}
