/** Says what is wrong with the package that `npm pack` would make: strangers in it, or its size. */

import { spawnSync } from "node:child_process";
import { isRecord } from "../src/kernel/json.ts";

/** Bytes of the tarball, which every user downloads; about 0.7 MB are in use. */
const packedBytesMax = 1024 * 1024;

/** Bytes of its files, which every user stores; about 2.5 MB are in use. */
const unpackedBytesMax = 4 * 1024 * 1024;

/** What `npm pack --json` says of a package. */
export interface PackedPackage {
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of all files. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Everything that may be in it; `[^.]` leaves out tests and source maps, which have a dot more. */
const expectedFiles: readonly RegExp[] = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^docs\/[^.]+\.md$/,
  /^dist\/[^.]+(\.generated)?(\.d\.ts|\.js)$/,
];

/** One line for each thing that is wrong. */
export function packageProblems(packed: PackedPackage): readonly string[] {
  const sizes = [
    { what: "the tarball", bytes: packed.size, bytesMax: packedBytesMax },
    { what: "its files", bytes: packed.unpackedSize, bytesMax: unpackedBytesMax },
  ];
  return [
    ...packed.files
      .filter(({ path }) => !expectedFiles.some((expected) => expected.test(path)))
      .map(({ path }) => `${path} does not belong into the package`),
    ...sizes
      .filter(({ bytes, bytesMax }) => bytes > bytesMax)
      .map(({ what, bytes, bytesMax }) => `${what}: ${bytes} bytes, at most ${bytesMax}`),
  ];
}

/** Reads the answer of `npm pack --json`, which is a list of one. */
export function parsePacked(answer: string): PackedPackage & { readonly filename: string } {
  const packages: unknown = JSON.parse(answer);
  const packed: unknown = Array.isArray(packages) ? packages[0] : undefined;
  if (isRecord(packed)) {
    const { size, unpackedSize, filename, files } = packed;
    if (
      typeof size === "number" &&
      typeof unpackedSize === "number" &&
      typeof filename === "string" &&
      Array.isArray(files)
    ) {
      const paths = files.map((file: unknown) => ({
        path: isRecord(file) ? String(file["path"]) : "",
      }));
      return { size, unpackedSize, filename, files: paths };
    }
  }
  throw new Error(`this is not what npm pack --json answers: ${answer}`);
}

if (import.meta.main) {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const packed = parsePacked(stdout);
  const problems = packageProblems(packed);
  for (const problem of problems) console.error(problem);
  console.log(
    `${packed.files.length} files, ${packed.size} bytes, ${packed.unpackedSize} unpacked`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
