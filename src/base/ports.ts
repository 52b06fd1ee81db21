/**
 * The ports: everything the engine needs of the world. Production takes them from `host`; a simulation brings its own,
 * and the same engine runs in it unchanged.
 */

import type { RunId } from './ids.ts';
import type { Instant } from './instant.ts';

/** Reads time. `now` never goes back within one process, whatever the wall clock does. */
export interface Clock {
  now(): Instant;
}

/** Calls back once, not before `at` by this port's clock. Returns a function that cancels the call. */
export interface Timers {
  at(at: Instant, callback: () => void): () => void;
}

/** Randomness for seeds and jitter; 32 unsigned bits a call. */
export interface Random {
  uint32(): number;
}

/** New ids, ordered by the time they were made. */
export interface Ids {
  runId(): RunId;
  /** Text no other bundle carries: a store that meets it twice has seen a retry of the same append. */
  appendId(): string;
}

export interface Turn {
  /** Calls back when the current turn of the event loop is over and what arrived with it has been handled. */
  end(callback: () => void): void;
  /** Calls back once the promises that are settled have told all that wait for them, and so on, without a new turn of the loop. */
  settled(callback: () => void): void;
}

/** SHA-256 of UTF-8 text, in lower-case hex. */
export interface Hasher {
  sha256(text: string): string;
}

/** Structured logs. `fields` hold ids and values, never secrets. */
export interface Logger {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}
