/** Bytes as text of 85 letters, five for each four bytes (the alphabet of RFC 1924). */

import { SwhFault } from "../errors.ts";

const alphabet =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const values: ReadonlyMap<string, number> = new Map(
  Array.from(alphabet, (letter, value) => [letter, value]),
);

/** The text of some bytes. */
export function base85Text(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4) {
    const size = Math.min(4, bytes.length - start);
    let word = 0;
    for (let index = 0; index < 4; index += 1) word = word * 256 + (bytes[start + index] ?? 0);
    let letters = "";
    for (let index = 0; index < 5; index += 1) {
      letters = (alphabet[word % 85] ?? "") + letters;
      word = Math.floor(word / 85);
    }
    text += letters.slice(0, size + 1);
  }
  return text;
}

/**
 * The bytes of such text.
 * @throws SwhFault `ValueError` for other letters, and for five that are worth more than 32 bits
 */
export function base85Bytes(text: string): Uint8Array {
  const bytes = Buffer.alloc(Math.floor((text.length * 4) / 5));
  for (let start = 0, at = 0; start < text.length; start += 5, at += 4) {
    const letters = text.slice(start, start + 5).padEnd(5, "~");
    let word = 0;
    for (const letter of letters) word = word * 85 + valueOf(letter);
    if (word > 0xffff_ffff) {
      throw new SwhFault("ValueError", `base85 overflow in the letters from ${start}`);
    }
    const size = Math.min(4, bytes.length - at);
    for (let index = 0; index < size; index += 1) {
      bytes[at + index] = Math.floor(word / 256 ** (3 - index)) % 256;
    }
  }
  return new Uint8Array(bytes);
}

function valueOf(letter: string): number {
  const value = values.get(letter);
  if (value !== undefined) return value;
  throw new SwhFault("ValueError", `bad base85 character ${JSON.stringify(letter)}`);
}
