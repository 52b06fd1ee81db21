/**
 * What one evaluation may use, counted in steps and in made characters or elements, never in time: the same expression
 * over the same scope is refused at the same point on every machine.
 *
 * An evaluation is synchronous, so the counters live in this module; `metered` sets them and puts the former ones back.
 *
 * B1. Whoever makes text or a list says its size by `grow` before making it.
 * B2. Whoever repeats (a lambda, an iterator, a walk over data) pays a step per turn.
 * B3. Whoever recurses pays a level by `deeper`.
 */

import { Failure } from './failure.ts';

/** Steps of one evaluation: calls, turns of loops and iterators, visited elements. */
export const stepsMax = 250_000;
/** Characters and elements that one evaluation may make. */
export const sizeMax = 4_000_000;
/** Levels of nesting: of calls while evaluating, of lists and maps in a result. */
export const depthMax = 160;

let stepsLeft = stepsMax;
let sizeLeft = sizeMax;
let depth = 0;

/** Runs `work` with full counters. Nests: the outer evaluation's counters come back afterwards. */
export function metered<T>(work: () => T): T {
  const kept = { stepsLeft, sizeLeft, depth };
  stepsLeft = stepsMax;
  sizeLeft = sizeMax;
  depth = 0;
  try {
    return work();
  } finally {
    stepsLeft = kept.stepsLeft;
    sizeLeft = kept.sizeLeft;
    depth = kept.depth;
  }
}

/** Pays for `count` steps. @throws Failure `limit_exceeded` when they are used up. */
export function spend(count = 1): void {
  stepsLeft -= count;
  if (stepsLeft < 0) {
    throw new Failure(
      'limit_exceeded',
      `The expression takes more than ${stepsMax} steps; use a smaller list or range.`,
    );
  }
}

/** Pays for `count` characters or elements about to be made. @throws Failure `limit_exceeded` when it is too much. */
export function grow(count: number): void {
  sizeLeft -= count;
  if (!(sizeLeft >= 0)) {
    throw new Failure('limit_exceeded', `The expression makes more than ${sizeMax} characters or elements.`);
  }
}

/** Runs `work` one level deeper. @throws Failure `limit_exceeded` below `depthMax`. */
export function deeper<T>(work: () => T): T {
  enter();
  try {
    return work();
  } finally {
    leave();
  }
}

/** The two halves of `deeper`, for hot paths: every `enter` is followed by a `leave` or by the evaluation's end. */
export function enter(): void {
  if (++depth > depthMax) {
    throw new Failure('limit_exceeded', `The expression or its data is nested more than ${depthMax} levels deep.`);
  }
}

export function leave(): void {
  depth--;
}

/** The outcome of `work`, a failure as a value; `limit_exceeded` is never caught, and the level of nesting is restored. */
export function attempt<T>(work: () => T): { readonly value: T } | Failure {
  const level = depth;
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof Failure) || error.cause === 'limit_exceeded') throw error;
    depth = level;
    return error;
  }
}
