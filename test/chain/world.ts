/** A world of its own for a test of chains: time that the test moves, randomness that is always the same. */

import { getEventListeners } from 'node:events';
import type { ChainPorts } from '../../src/chain/index.ts';
import { SimulatedClock, settle } from '../../src/testing/simulation.ts';

export interface World {
  readonly clock: SimulatedClock;
  readonly ports: ChainPorts;
  /** Moves time and lets everything happen that follows. */
  pass(ms: number): Promise<void>;
}

export function world(): World {
  const clock = new SimulatedClock();
  const ports: ChainPorts = { clock, timers: clock, random: { uint32: () => 0 } };
  return {
    clock,
    ports,
    async pass(ms) {
      await settle();
      clock.advance(ms);
      await settle();
    },
  };
}

/** A step that is over when the test says so. */
export function byHand<Value>(): {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  return { promise, resolve, reject };
}

export function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** What the promise was rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}

/** Never settles and listens to nobody. */
export function deaf(): Promise<never> {
  return new Promise(() => {});
}

export async function all<Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export { settle };
