/** Secrets that we hand out, and the hash by which we know them again. WebCrypto only. */

import { hexOf } from "./hex.ts";

/** 256 bits: nobody guesses one, so a plain hash without salt or stretching is enough. */
const secretBytes = 32;

/** `prefix` followed by 32 random bytes in base64url, 43 letters. */
export function randomSecret(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(secretBytes));
  return prefix + encodeBase64url(bytes);
}

/** SHA-256 of the text's UTF-8 bytes in lowercase hexadecimal, 64 letters. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hexOf(new Uint8Array(digest));
}

function encodeBase64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
