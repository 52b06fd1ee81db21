/**
 * Streams, pulled one chunk at a time.
 *
 * C1. The producer is asked for a chunk when the consumer asks, and not before; no chunk is kept.
 * C2. A producer that is left before its end has its signal aborted first, and then its `return()` called; that is awaited where
 *     the consumer left, and not where the producer still works on a chunk or was stopped: it may never come back.
 */

import type { Scope } from './scope.ts';

/** Why the signal of a producer is aborted that is left before its end. */
export const left = new DOMException('the stream was left before its end', 'AbortError');

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The chunks of `source`; its own returned value is returned. `beforeEach` is called before the producer is asked. */
export async function* pulled(
  source: AsyncIterable<unknown>,
  scope: Scope,
  beforeEach?: () => void,
): AsyncGenerator<unknown, unknown> {
  const iterator = source[Symbol.asyncIterator]();
  let state: 'producing' | 'handing over' | 'ended' = 'handing over';
  try {
    for (;;) {
      scope.check();
      beforeEach?.();
      state = 'producing';
      const next = await nextOf(iterator, scope).catch((error: unknown) => {
        if (!scope.isStopped) state = 'ended';
        throw error;
      });
      scope.clearLimit();
      state = next.done === true ? 'ended' : 'handing over';
      if (next.done === true) return next.value;
      yield next.value;
    }
  } finally {
    if (state !== 'ended') await leave(iterator, scope, state === 'handing over');
  }
}

async function nextOf(iterator: AsyncIterator<unknown>, scope: Scope): Promise<IteratorResult<unknown, unknown>> {
  return scope.race(iterator.next());
}

async function leave(iterator: AsyncIterator<unknown>, scope: Scope, isIdle: boolean): Promise<void> {
  const isAwaited = isIdle && !scope.isStopped;
  scope.abort(left);
  const returned = iterator.return?.();
  if (isAwaited) await returned;
  else returned?.then(undefined, () => {});
}

/** What the whole stream comes to: what it returns, if that is something; else its chunks, by `collect` or `collected`. */
export async function whole(
  source: AsyncIterable<unknown>,
  scope: Scope,
  collect: ((chunks: readonly never[]) => unknown) | undefined,
): Promise<unknown> {
  const chunks: unknown[] = [];
  const stream = pulled(source, scope);
  for (;;) {
    const next = await stream.next();
    if (next.done !== true) chunks.push(next.value);
    else if (next.value !== undefined) return next.value;
    else return collect === undefined ? collected(chunks) : collect(chunks as never[]);
  }
}

/** Text where there are chunks and all are text; else their list. */
export function collected(chunks: readonly unknown[]): unknown {
  return chunks.length > 0 && chunks.every((chunk) => typeof chunk === 'string') ? chunks.join('') : chunks;
}
