/** Runs of graphs on real engines in memory, closed after each test. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import {
  type ActionContext,
  type CodeWorkflow,
  createPawl,
  type JsonObject,
  type Pawl,
  type PawlOptions,
} from '../../src/index.ts';

const open: Pawl[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const pawl of open.splice(0)) await pawl.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export async function pawlInMemory(options: Partial<PawlOptions> = {}): Promise<Pawl> {
  const pawl = await createPawl({ path: ':memory:', ...options });
  open.push(pawl);
  return pawl;
}

/** The engine over a file that another may have been closed on before. */
export async function pawlOver(path: string, options: Partial<PawlOptions> = {}): Promise<Pawl> {
  const pawl = await createPawl({ path, listen: false, ...options });
  open.push(pawl);
  return pawl;
}

export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-builder-'));
  folders.push(folder);
  return join(folder, 'runs.db');
}

/** What a run of the graph comes to, on an engine of its own. */
export async function resultOf(graph: CodeWorkflow<ActionContext>, input: JsonObject = {}): ReturnType<Pawl['run']> {
  return (await pawlInMemory()).run(graph, input);
}

/** Resolves at the first event of that type of any run; ask for it before what causes it. */
export function event(pawl: Pawl, type: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = pawl.subscribe((_run, events) => {
      if (!events.some((one) => one.type === type)) return;
      stop();
      resolve();
    });
  });
}

/** A promise that is settled by hand. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Fails its task. */
export function failing(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}
