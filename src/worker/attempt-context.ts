/**
 * What one attempt may know and do, and the way of everything it writes: redacted, counted, handed to the log.
 *
 * L1. What was written is handed on in order, stream by stream, and never holds a secret the attempt was given.
 * L2. Once more than `logLimitBytes` were handed on, the rest is dropped here: the store would not keep it.
 * L3. `write` answers a promise while the store is behind; whoever has more to write waits for it, or fills memory.
 */

import type { Json, RunId } from '../base/index.ts';
import type { AttemptLog, AttemptOrder, LogSink } from '../kernel/index.ts';
import { type ActionContext, handedOver } from './action.ts';
import type { Cancellation } from './cancellation.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { RedactedStream, Redactor } from './redactor.ts';

export interface AttemptContextOptions {
  readonly order: AttemptOrder;
  readonly cancellation: Cancellation;
  readonly life: Heartbeat;
  readonly sink: LogSink;
  readonly redactor: Redactor;
  readonly logLimitBytes: number;
  /** Names the store among all of this machine; undefined where it does not outlive the process. */
  readonly store: string | undefined;
}

export type LogStream = AttemptLog['stream'];

export class AttemptContext implements ActionContext {
  readonly run: RunId;
  readonly task: string;
  readonly item: number | undefined;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly store: string | undefined;
  readonly #options: AttemptContextOptions;
  #streams: Map<LogStream, RedactedStream> | undefined;
  #handedBytes = 0;
  #ended = false;

  constructor(options: AttemptContextOptions) {
    const { order, store } = options;
    this.#options = options;
    this.run = order.run;
    this.task = order.name;
    this.item = order.item;
    this.attempt = order.attempt;
    this.idempotencyKey = `${order.run}/${order.task}${order.item === undefined ? '' : `.${order.item}`}`;
    this.store = store;
  }

  get signal(): AbortSignal {
    return this.#options.cancellation.signal;
  }

  get progress(): Json | undefined {
    return this.#options.order.progress;
  }

  get probe(): boolean {
    return this.#options.order.probe === true;
  }

  get token(): string {
    return this.#options.order.token;
  }

  readonly heartbeat = (details?: unknown): void => this.#options.life.beat(details);

  readonly handOver = async (): Promise<never> => handedOver as never;

  /** Not a method: handlers take it out of the context. */
  readonly log = (text: string): void => {
    const line = String(text);
    void this.write('log', line.endsWith('\n') ? line : `${line}\n`);
  };

  /** True once nothing more of this attempt's output is kept. */
  get isLogFull(): boolean {
    return this.#handedBytes > this.#options.logLimitBytes;
  }

  /** Keeps a piece of output. A promise: wait for it before writing more. */
  write(stream: LogStream, text: string): void | Promise<void> {
    if (this.isLogFull || text === '') return undefined;
    const shown = this.#streamOf(stream).push(text);
    if (!this.#ended) return this.#hand(stream, shown);
    return this.#hand(stream, shown + this.#streamOf(stream).end());
  }

  /** `text` without the secrets of this attempt. */
  redact(text: string): string {
    return this.#options.redactor.text(text);
  }

  /** Hands on what was held back. What a handler writes after its end is kept too, piece by piece. */
  end(): void {
    this.#ended = true;
    if (this.#streams === undefined) return;
    for (const [name, stream] of this.#streams) void this.#hand(name, stream.end());
  }

  #streamOf(name: LogStream): RedactedStream {
    this.#streams ??= new Map();
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = this.#options.redactor.stream();
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #hand(stream: LogStream, text: string): void | Promise<void> {
    if (text === '' || this.isLogFull) return undefined;
    // One character beyond the limit tells the store that there was more.
    const kept = text.slice(0, this.#options.logLimitBytes - this.#handedBytes + 1);
    this.#handedBytes += Buffer.byteLength(kept);
    return this.#options.sink({ stream, text: kept });
  }
}

/**
 * The context as built-in actions see it.
 *
 * @throws TypeError where a built-in action is called by anything but an executor.
 */
export function attemptOf(context: ActionContext): AttemptContext {
  if (context instanceof AttemptContext) return context;
  throw new TypeError('a built-in action runs in an executor only; call what it does yourself, or run a workflow');
}
