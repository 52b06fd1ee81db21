/** A fact that the code relies on was false: a bug, or a history that no correct engine wrote. Stops the run, not the engine. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
  readonly code = 'assertion_failed';
}

/** Throws `AssertionError` with `fact` unless `condition` holds. Stays on in production. */
export function assert(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new AssertionError(fact);
}

/** Closes a `switch` over a union: fails to compile when a member has no case, and throws when stored data holds one. */
export function unreachable(value: never, what = 'value'): never {
  throw new AssertionError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
