/**
 * What is canceled together: a scope is a stretch of a function's code with the calls made in it, found again through every
 * `await` by the async context it runs in.
 *
 * K1. A canceled scope takes the scopes in it along, but for shielded ones; also those in which something goes on though the code
 *     around them is over.
 * K2. What is called in a canceled scope rejects at once, and is no call: nothing is recorded of it.
 * K3. Code that a function gives away (a step, a query, a validation) is in no scope, and makes no calls, however late it tries to.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** Why a call was not waited for to its end. */
export class CanceledError extends Error {
  override readonly name = 'CanceledError';
  readonly reason: string | undefined;

  constructor(reason: string | undefined) {
    super(reason === undefined ? 'it was canceled' : `it was canceled: ${reason}`);
    this.reason = reason;
  }
}

export class CancelScope {
  readonly parent: CancelScope | undefined;
  /** The scope of the whole function. */
  readonly top: CancelScope;
  readonly isShielded: boolean;
  readonly #inner = new Set<CancelScope>();
  readonly #onCancel = new Set<(error: CanceledError) => void>();
  #isOver = false;
  canceled: CanceledError | undefined;

  constructor(parent: CancelScope | undefined, isShielded = false) {
    this.parent = parent;
    this.top = parent?.top ?? this;
    this.isShielded = isShielded;
    if (parent !== undefined) parent.#inner.add(this);
    if (!isShielded) this.canceled = parent?.canceled;
  }

  /** True where no cancel from outside reaches it. */
  get isSafe(): boolean {
    return this.isShielded || this.parent?.isSafe === true;
  }

  cancel(reason?: string): void {
    if (this.canceled !== undefined) return;
    this.canceled = new CanceledError(reason);
    const calls = [...this.#onCancel];
    this.#onCancel.clear();
    for (const call of calls) call(this.canceled);
    for (const inner of this.#inner) if (!inner.isShielded) inner.cancel(reason);
  }

  /** Calls back when it is canceled. Returns what ends that. */
  onCancel(call: (error: CanceledError) => void): () => void {
    this.#onCancel.add(call);
    return () => {
      this.#onCancel.delete(call);
      this.#leaveIfOver();
    };
  }

  /** The code in it is over. What it left behind unawaited is still reached through it. */
  leave(): void {
    this.#isOver = true;
    this.#leaveIfOver();
  }

  #leaveIfOver(): void {
    if (!this.#isOver || this.#inner.size > 0 || this.#onCancel.size > 0 || this.parent === undefined) return;
    this.parent.#inner.delete(this);
    this.parent.#leaveIfOver();
  }
}

/** Code that a function gave away, in words. */
class GivenAway {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

const current = new AsyncLocalStorage<CancelScope | GivenAway | undefined>();

export function scopeNow(): CancelScope | undefined {
  const now = current.getStore();
  return now instanceof CancelScope ? now : undefined;
}

/** What runs now, in words, where it is code that a function gave away. */
export function givenAwayNow(): string | undefined {
  const now = current.getStore();
  return now instanceof GivenAway ? now.what : undefined;
}

/** Runs code that a function gave away, and all it awaits. */
export function givenAway<T>(what: string, work: () => T): T {
  return current.run(new GivenAway(what), work);
}

/** Runs what is not a function's code, though it was called by it. */
export function outside<T>(work: () => T): T {
  return current.run(undefined, work);
}

/** Runs the code in the scope, and all it awaits. */
export function within<T>(scope: CancelScope, work: () => T): T {
  return current.run(scope, work);
}
