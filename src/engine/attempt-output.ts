/** What attempts write, on its way to the store: kept between commits, many pieces at once. */

import type { Clock, Turn } from '../base/index.ts';
import type { AttemptLog } from '../kernel/index.ts';
import type { LogChunk, Store } from '../store/index.ts';
import type { Flight } from './flights.ts';

/** Output that may wait to be kept before attempts are asked to wait with more; in characters. */
const lengthAhead = 1024 * 1024;

export interface OutputPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly turn: Turn;
  /** True while a turn of the engine is under way, which keeps what there is at its end. */
  isBusy(): boolean;
  failed(error: unknown, chunks: number): Promise<void>;
}

export class AttemptOutput {
  readonly #ports: OutputPorts;
  #chunks: LogChunk[] = [];
  /** Characters in `#chunks`. */
  #length = 0;
  /** Open while attempts should wait with their output. */
  #taken: PromiseWithResolvers<void> | undefined;

  constructor(ports: OutputPorts) {
    this.#ports = ports;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** A promise means that it is behind: more is welcome once that has resolved. */
  take(flight: Flight, { stream, text }: AttemptLog): void | Promise<void> {
    const { clock, turn, isBusy } = this.#ports;
    this.#chunks.push({ ...flight, stream, at: clock.now(), text });
    this.#length += text.length;
    if (this.#chunks.length === 1)
      turn.end(() => {
        if (!isBusy()) void this.flush();
      });
    if (this.#length <= lengthAhead) return undefined;
    this.#taken ??= Promise.withResolvers();
    return this.#taken.promise;
  }

  async flush(): Promise<void> {
    const chunks = this.#chunks;
    const taken = this.#taken;
    this.#chunks = [];
    this.#length = 0;
    this.#taken = undefined;
    if (chunks.length === 0) return;
    try {
      await this.#ports.store.appendLogs(chunks);
    } catch (error) {
      await this.#ports.failed(error, chunks.length);
    } finally {
      taken?.resolve();
    }
  }
}
