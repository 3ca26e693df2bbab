import { expect, test } from "vitest";
import { randomSecret, sha256Hex } from "./secrets.ts";

test("a secret is its prefix and 32 bytes in base64url, and never the same", () => {
  const secrets = Array.from({ length: 100 }, () => randomSecret("orr_"));
  for (const secret of secrets) expect(secret).toMatch(/^orr_[\w-]{43}$/);
  expect(new Set(secrets).size).toBe(100);
});

test("a hash is the standard's SHA-256 in hexadecimal", async () => {
  expect(await sha256Hex("abc")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(await sha256Hex("")).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});
