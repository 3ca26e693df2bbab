/** What `orrery init` writes. */

/** A file to be written. */
export interface InitFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text: string;
  /** Whether nobody but us would have written it; others' files are never overwritten. */
  readonly ours: boolean;
}

/** TypeScript, TypeScript that is a module whatever `package.json` says, JavaScript likewise. */
export type ModuleExtension = "ts" | "mts" | "mjs";

/**
 * The extension that runs in a folder: with a Node.js that cannot read TypeScript that is `mjs`;
 * `ts` would be read as CommonJS where the manifest says so, as that of `npm init` does.
 */
export function chooseExtension(facts: {
  /** Whether this Node.js runs TypeScript. */
  readonly readsTypeScript: boolean;
  /** `type` of the folder's `package.json`, if it has one. */
  readonly packageType: unknown;
}): ModuleExtension {
  if (!facts.readsTypeScript) return "mjs";
  return facts.packageType === "commonjs" ? "mts" : "ts";
}

/** What the files depend on. */
export interface InitFacts {
  /** Name of the folder. */
  readonly name: string;
  /** Of this package. */
  readonly version: string;
  /** Packages with the database's binaries; npm installs the one that fits the machine. */
  readonly databasePackages: Readonly<Record<string, string>>;
  /** Of the modules. */
  readonly extension: ModuleExtension;
}

/** All files, those that others need first. */
export function initFiles(facts: InitFacts): readonly InitFile[] {
  const { extension } = facts;
  const compiler = { path: "tsconfig.json", text: compilerText, ours: false };
  return [
    { path: "package.json", text: manifestText(facts), ours: false },
    ...(extension === "mjs" ? [] : [compiler]),
    { path: ".gitignore", text: "node_modules/\n.orrery/\n", ours: false },
    { path: `orrery.config.${extension}`, text: configText, ours: true },
    { path: `tasks/hello.${extension}`, text: taskText(extension), ours: true },
  ];
}

function manifestText(facts: InitFacts): string {
  const manifest = {
    name: packageName(facts.name),
    private: true,
    type: "module",
    scripts: { start: "orrery serve" },
    dependencies: { orrery: `^${facts.version}` },
    optionalDependencies: facts.databasePackages,
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** The folder's name as npm allows it. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "my-tasks" : name.slice(0, 200);
}

const compilerText = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "skipLibCheck": true
  },
  "include": ["orrery.config.*", "tasks"]
}
`;

const configText = `import { defineConfig } from "orrery";

export default defineConfig({
  // Directories with task modules: every exported task is known by its name.
  tasks: ["tasks"],

  // Tasks that must be there. The key makes a second start change nothing.
  schedules: [
    { key: "hello/first", type: "hello", input: { name: "world" } },
    {
      key: "hello/every-minute",
      type: "hello",
      input: { name: "again" },
      triggers: [{ kind: "interval", everyMs: 60_000 }],
    },
  ],
});
`;

function taskText(extension: ModuleExtension): string {
  const typeArguments = extension === "mjs" ? "" : "<{ name: string }>";
  return `import { defineTask } from "orrery";

/** Greets. Try: npx orrery task add hello --input '{"name":"you"}' --wait */
export const hello = defineTask${typeArguments}({
  name: "hello",
  description: "Greets somebody by name",
  run: ({ params, log, progress }) => {
    log.info(\`greeting \${params.name}\`);
    progress(1, "done");
    return { greeting: \`Hello, \${params.name}!\` };
  },
});
`;
}
