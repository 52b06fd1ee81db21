/**
 * What a command writes, on its way to the log and into the result: decoded as UTF-8 across the borders of chunks, and only
 * counted once neither keeps more of it.
 */

import { constants } from 'node:os';
import type { JsonObject } from '../../../base/index.ts';
import type { AttemptContext } from '../../attempt-context.ts';
import { KeptOutput } from './kept-output.ts';
import type { ShellEnd } from './shell-process.ts';

export class CommandOutput {
  readonly #attempt: AttemptContext;
  readonly #kept = { stdout: new KeptOutput(), stderr: new KeptOutput() };
  readonly #decoders = {
    stdout: new TextDecoder('utf-8', { ignoreBOM: true }),
    stderr: new TextDecoder('utf-8', { ignoreBOM: true }),
  };

  constructor(attempt: AttemptContext) {
    this.#attempt = attempt;
  }

  readonly take = (stream: 'stdout' | 'stderr', bytes: Buffer): void | Promise<void> => {
    const kept = this.#kept[stream];
    kept.count(bytes.length);
    if (kept.isFull && this.#attempt.isLogFull) return undefined;
    return this.#give(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  };

  #give(stream: 'stdout' | 'stderr', text: string): void | Promise<void> {
    this.#kept[stream].add(text);
    return this.#attempt.write(stream, text);
  }

  result({ code, signal }: ShellEnd): JsonObject {
    const redact = (text: string): string => this.#attempt.redact(text);
    for (const stream of ['stdout', 'stderr'] as const) void this.#give(stream, this.#decoders[stream].decode());
    return {
      stdout: this.#kept.stdout.text(redact),
      stderr: this.#kept.stderr.text(redact),
      return_code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      succeeded: code === 0,
      failed: code !== 0,
    };
  }
}
