/**
 * A set of small whole numbers that gives its least one, in time that does not grow with what is in
 * it: one bit for each number, one more for each 32 of those, and so on up to a single word.
 */

import { InvariantError } from "../kernel/errors.ts";

/** Bits of a word, as a power of two. */
const wordBits = 5;
const wordMask = 31;

/** Whole numbers from 0 to below a bound. */
export class NumberSet {
  /** The finest first; a bit of each further one says whether a word of the one before has any. */
  readonly #levels: readonly Int32Array[];
  #size = 0;

  constructor(bound: number) {
    const levels: Int32Array[] = [];
    let count = Math.max(bound, 1);
    do {
      count = Math.ceil(count / (wordMask + 1));
      levels.push(new Int32Array(count));
    } while (count > 1);
    this.#levels = levels;
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#size;
  }

  /** Puts in a number below the bound; it may be there already. */
  add(number: number): void {
    let index = number;
    for (const words of this.#levels) {
      const word = wordAt(words, index >> wordBits);
      const bit = 1 << (index & wordMask);
      // Where a bit stands already, so do those above it.
      if ((word & bit) !== 0) return;
      words[index >> wordBits] = word | bit;
      if (words === this.#levels[0]) this.#size += 1;
      if (word !== 0) return;
      index >>= wordBits;
    }
  }

  /** Takes out the least number, or answers -1 when there is none. */
  takeLeast(): number {
    if (this.#size === 0) return -1;
    let least = 0;
    for (let level = this.#levels.length - 1; level >= 0; level -= 1) {
      const word = wordAt(this.#levels[level], least);
      least = (least << wordBits) | (wordMask - Math.clz32(word & -word));
    }
    this.#remove(least);
    return least;
  }

  #remove(number: number): void {
    this.#size -= 1;
    let index = number;
    for (const words of this.#levels) {
      const word = wordAt(words, index >> wordBits) & ~(1 << (index & wordMask));
      words[index >> wordBits] = word;
      if (word !== 0) return;
      index >>= wordBits;
    }
  }
}

function wordAt(words: Int32Array | undefined, index: number): number {
  const word = words?.[index];
  if (word !== undefined) return word;
  throw new InvariantError("ORR_BUG_INVARIANT", `the set has no room for word ${index}`);
}
