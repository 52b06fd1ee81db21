/**
 * What was acknowledged, as lines of a file: each is written, in one call, before anybody may count on it.
 *
 * The lines are what a client saw. Whatever happens to the store afterwards, they must be true of it.
 */

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Json } from '../../../src/index.ts';

export type Ack =
  | { readonly ack: 'start'; readonly number: number; readonly run: string }
  | { readonly ack: 'signal'; readonly number: number; readonly run: string; readonly id: string }
  | {
      readonly ack: 'update';
      readonly number: number;
      readonly run: string;
      readonly id: string;
      readonly answer: Json;
    }
  | { readonly ack: 'cancel'; readonly number: number; readonly run: string }
  | { readonly ack: 'decide'; readonly number: number; readonly run: string }
  | {
      readonly ack: 'result';
      readonly number: number;
      readonly run: string;
      readonly status: string;
      readonly output: Json;
    };

export class AckFile {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a');
  }

  write(ack: Ack): void {
    writeSync(this.#descriptor, `${JSON.stringify(ack)}\n`);
  }
}

/** All whole lines of the file. */
export function readAcks(path: string): Ack[] {
  return wholeLines(path).map((line) => JSON.parse(line) as Ack);
}

export function wholeLines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
