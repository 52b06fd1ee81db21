/** Where a command writes: results to standard output, everything about them to standard error; colours only on a terminal. */

import { createColors } from 'picocolors';

export interface Terminal {
  /** A line of the result. */
  out(line: string): void;
  /** A line about the work: progress, warnings, errors. */
  say(line: string): void;
  /** Text as it is, to standard output. */
  write(text: string): void;
  /** True where a person watches: standard error is a terminal. */
  readonly isLive: boolean;
  readonly width: number;
  readonly color: ReturnType<typeof createColors>;
}

export function processTerminal(): Terminal {
  const isLive = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  const wanted =
    process.env.NO_COLOR === undefined && (process.stdout.isTTY === true || process.env.FORCE_COLOR !== undefined);
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') === 0) stream.on('error', passOverBrokenPipe);
  }
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    say: (line) => void process.stderr.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
    isLive,
    width: process.stderr.columns ?? 100,
    color: createColors(wanted),
  };
}

/** Whoever reads the output may stop before its end (`pawl history RUN | head`); the work goes on. */
function passOverBrokenPipe(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
}
