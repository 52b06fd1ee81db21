/** An engine of its own for each test, in memory or on a file that can be opened again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyAction, createPawl, type Pawl, type PawlOptions } from '../../src/index.ts';

export type Place = 'memory' | 'sqlite';
export const places: readonly Place[] = ['memory', 'sqlite'];

export class FunctionWorld {
  readonly #folder: string | undefined;
  readonly #opened: Pawl[] = [];
  /** What steps and actions did, in order. */
  readonly done: string[] = [];

  constructor(place: Place) {
    this.#folder = place === 'memory' ? undefined : mkdtempSync(join(tmpdir(), 'pawl-functions-'));
  }

  async open(
    workflows: NonNullable<PawlOptions['workflows']>,
    actions: readonly AnyAction[] = [],
    options: Partial<PawlOptions> = {},
  ): Promise<Pawl> {
    const path = this.#folder === undefined ? ':memory:' : join(this.#folder, 'pawl.db');
    const pawl = await createPawl({ path, actions: [...actions], workflows, listen: false, ...options });
    this.#opened.push(pawl);
    return pawl;
  }

  /** Closes the engine and opens its file with, maybe, other code; all open runs are in memory again. */
  async reopen(
    workflows: NonNullable<PawlOptions['workflows']>,
    actions: readonly AnyAction[] = [],
    options: Partial<PawlOptions> = {},
  ): Promise<Pawl> {
    await this.#opened.at(-1)?.close();
    const pawl = await this.open(workflows, actions, options);
    await pawl.resume();
    return pawl;
  }

  does(what: string): void {
    this.done.push(what);
  }

  async close(): Promise<void> {
    for (const pawl of this.#opened) await pawl.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Resolves once it holds; real time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come to hold in 10 seconds');
}
