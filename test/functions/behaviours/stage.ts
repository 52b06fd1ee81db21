/**
 * Where a case plays: an engine in memory whose time skips, or one on a file whose time is real.
 *
 * A case opens it, acts, and looks at what a user sees. The process may die in the middle: another one takes over.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type AnyAction, createPawl, type Pawl, type PawlOptions, type RunHandle } from '../../../src/index.ts';
import { createTestPawl } from '../../../src/testing/index.ts';
import { TestPawl } from '../../../src/testing/test-pawl.ts';
import { type Place, places, until } from '../world.ts';

export { places, until };

type Workflows = NonNullable<PawlOptions['workflows']>;
type Options = Pick<PawlOptions, 'limits' | 'concurrency'>;

export class Stage {
  readonly place: Place;
  /** Long where time skips, and short where it is real. */
  readonly long: string;
  #folder: string | undefined;
  #opened: Pawl[] = [];
  #options: Options = {};
  /** What steps and actions did, in order. */
  done: string[] = [];

  constructor(place: Place) {
    this.place = place;
    this.long = place === 'memory' ? '30d' : '30ms';
  }

  async open(workflows: Workflows = [], actions: readonly AnyAction[] = [], options: Options = {}): Promise<Pawl> {
    this.#options = options;
    if (this.place === 'sqlite') this.#folder = mkdtempSync(join(tmpdir(), 'pawl-behaviours-'));
    const pawl =
      this.#folder === undefined
        ? await createTestPawl({ workflows, actions, patienceMs: 400, ...options })
        : await this.#onFile(workflows, actions);
    this.#opened.push(pawl);
    return pawl;
  }

  /** The process is gone, in memory without a word; another one goes on with its runs, maybe with other code. */
  async takeOver(workflows: Workflows, actions: readonly AnyAction[] = []): Promise<Pawl> {
    const last = this.#opened.at(-1);
    if (last instanceof TestPawl) {
      const next = await last.crash({ workflows, actions });
      this.#opened.push(next);
      return next;
    }
    await last?.close();
    const next = await this.#onFile(workflows, actions);
    this.#opened.push(next);
    await next.resume();
    return next;
  }

  #onFile(workflows: Workflows, actions: readonly AnyAction[]): Promise<Pawl> {
    return createPawl({
      path: this.path,
      ballastBytes: 0,
      workflows,
      actions: [...actions],
      listen: false,
      synchronous: 'normal',
      ...this.#options,
    });
  }

  /** Of the file, where there is one. */
  get path(): string {
    return join(this.#folder ?? '', 'pawl.db');
  }

  does(what: string): void {
    this.done.push(what);
  }

  async close(): Promise<void> {
    for (const pawl of this.#opened) await pawl.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    this.#opened = [];
    this.done = [];
  }
}

/** A stage for each test of the block it is called in. */
export function stageOn(place: Place): Stage {
  const stage = new Stage(place);
  afterEach(() => stage.close());
  return stage;
}

/** Resolves once the run has that status; in `describe`'s words. */
export function comesTo(handle: Pick<RunHandle, 'describe'>, status: string): Promise<void> {
  return until(async () => (await handle.describe()).status === status);
}

/** The code of what it is refused with. */
export async function refusal(asked: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  try {
    await asked;
  } catch (error) {
    const { message } = error as Error;
    return { code: error instanceof Error && 'code' in error ? error.code : error?.constructor.name, message };
  }
  throw new Error('it was not refused');
}
