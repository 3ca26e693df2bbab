/** Chance, always from a seed, so that a test can replay it. */

/** A source of random numbers. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** The seed it started from; print it when something fails. */
  readonly seed: number;
}

/** A seeded generator (mulberry32): fast, 32 bits of state, not for secrets. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  return {
    seed,
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

/** A seed that no two processes are likely to share. */
export function randomSeed(): number {
  const words = new Uint32Array(1);
  crypto.getRandomValues(words);
  return words[0] ?? 0;
}

/** A whole number, uniform in [low, high]. */
export function integerBetween(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng.next() * (high - low + 1));
}
