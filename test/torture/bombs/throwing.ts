/** Throws every bomb at one engine, and sees that it goes on. */

import { join } from 'node:path';
import { createPawl, defineAction, type Json } from '../../../src/index.ts';
import { inFolder } from '../folders.ts';
import { bombMs, bombs, results } from './bombs.ts';

export interface Thrown {
  readonly name: string;
  /** How it was refused; undefined where it was not. */
  readonly refusal: string | undefined;
  readonly cpuMs: number;
}

/** Each bomb is thrown a few times, and its cheapest throw counts: the first one also pays for code that was never run before. */
const throwsMax = 12;

export async function throwBombs(): Promise<{ thrown: Thrown[]; faults: string[] }> {
  const actions = [
    defineAction<Json, Json>({ name: 'bomb.echo', handler: async (input) => input }),
    ...Object.entries(results).map(([name, result]) =>
      defineAction<Json, Json>({ name: `bomb.${name}`, handler: async () => result() as Json }),
    ),
  ];
  return inFolder(async (folder) => {
    const pawl = await createPawl({ path: join(folder, 'pawl.db'), listen: false, actions });
    const thrown: Thrown[] = [];
    const faults: string[] = [];
    for (const { name, throwAt } of bombs) {
      let refusal: string | undefined;
      let cpuMs = Number.POSITIVE_INFINITY;
      for (let again = 0; again < throwsMax && cpuMs >= bombMs; again += 1) {
        const before = process.cpuUsage();
        refusal = await throwAt(pawl);
        const { user, system } = process.cpuUsage(before);
        cpuMs = Math.min(cpuMs, (user + system) / 1_000);
      }
      thrown.push({ name, refusal, cpuMs });
      if (refusal === undefined) faults.push(`${name}: it was taken`);
      else if (refusal.startsWith('not a coded error')) faults.push(`${name}: ${refusal.slice(0, 300)}`);
      if (cpuMs >= bombMs) faults.push(`${name}: it took ${Math.round(cpuMs)} ms to be refused (${refusal})`);
    }
    const { status } = await pawl.run(
      pawl.workflow('version: 1.0\ntasks: { a: { action: bomb.echo, input: { x: 1 } } }'),
    );
    if (status !== 'succeeded') faults.push(`after all of them a plain run ends ${status}`);
    await pawl.close();
    return { thrown, faults };
  });
}
