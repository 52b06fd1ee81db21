/**
 * Pseudo-random numbers that are the same for the same run and revision, on every machine: mulberry32 over a mixed seed
 * (Tommy Ettinger, 2017; public domain). Good enough for jitter and `random()`, not for secrets.
 */

/** A source of numbers in [0, 1) for what is decided at `revision` of a run seeded with `seed`. */
export function seededRandom(seed: number, revision: number): () => number {
  let state = (seed ^ Math.imul(revision + 1, 0x9e3779b1)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
