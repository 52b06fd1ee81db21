/** Where the last step of a durable run meets whoever streams it: one chunk changes hands at a time, and none is kept. */

import { pulled } from './chunks.ts';
import type { Scope } from './scope.ts';

interface Handover {
  readonly chunk: unknown;
  readonly taken: () => void;
}

export class ChunkDesk {
  readonly #readers = new Map<string, ChunkReader>();

  /** Whoever opens it reads the run of that id; one who came before is left with what it had. */
  open(run: string): ChunkReader {
    const reader = new ChunkReader(() => {
      if (this.#readers.get(run) === reader) this.#readers.delete(run);
    });
    this.#readers.set(run, reader);
    return reader;
  }

  readerOf(run: string): ChunkReader | undefined {
    return this.#readers.get(run);
  }
}

export class ChunkReader {
  readonly #onLeave: () => void;
  #waiting: Handover | undefined;
  /** Called when there is something to read, or nothing more will be. */
  #notice: (() => void) | undefined;
  /** Open until the reader asks for a chunk. */
  #asking = Promise.withResolvers<void>();
  #ended = false;
  #left = false;
  hasHandedOver = false;

  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** Reads the stream to its end: by the reader, as long as there is one, then alone. Gives what its chunks come to. */
  async readAll(
    stream: AsyncIterable<unknown>,
    scope: Scope,
    collect: (chunks: readonly never[]) => unknown,
  ): Promise<unknown> {
    const chunks: unknown[] = [];
    const source = pulled(stream, scope);
    try {
      for (;;) {
        await scope.race(this.#asked());
        const next = await source.next();
        if (next.done === true) return next.value === undefined ? collect(chunks as never[]) : next.value;
        chunks.push(next.value);
        await scope.race(this.#handOver(next.value));
      }
    } finally {
      await source.return(undefined);
    }
  }

  /** What is handed over, until the end. */
  async *chunks(): AsyncGenerator<unknown, void> {
    for (;;) {
      this.#asking.resolve();
      while (this.#waiting === undefined && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#notice = resolve;
        });
      }
      const handover = this.#waiting;
      if (handover === undefined) return;
      this.#waiting = undefined;
      this.hasHandedOver = true;
      handover.taken();
      yield handover.chunk;
      // The next is made only now that it is asked for.
    }
  }

  end(): void {
    this.#ended = true;
    this.#notice?.();
  }

  leave(): void {
    this.#left = true;
    this.#asking.resolve();
    this.#waiting?.taken();
    this.#onLeave();
  }

  async #asked(): Promise<void> {
    if (this.#left) return;
    await this.#asking.promise;
    this.#asking = Promise.withResolvers<void>();
    if (this.#left) this.#asking.resolve();
  }

  #handOver(chunk: unknown): Promise<void> {
    if (this.#left) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { chunk, taken: resolve };
      this.#notice?.();
    });
  }
}
