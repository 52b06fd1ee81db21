declare const instant: unique symbol;

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z, made by a clock or read from a history. */
export type Instant = number & { readonly [instant]: true };

/** The instant `ms` milliseconds after the epoch. `ms` must be finite; fractions are dropped. */
export function instantOf(ms: number): Instant {
  return Math.floor(ms) as Instant;
}

/** `at` moved by `durationMs`. */
export function plus(at: Instant, durationMs: number): Instant {
  return Math.ceil(at + durationMs) as Instant;
}

/** ISO 8601 text in UTC, as shown to people. */
export function isoText(at: Instant): string {
  return new Date(at).toISOString();
}
