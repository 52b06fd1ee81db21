/**
 * Makes a failing seed smaller: fewer kinds of faults, fewer runs, fewer requests, then fewer single faults. What is left
 * fails still, though perhaps in another way.
 */

import type { FaultKind } from './faults.ts';
import { faultKinds } from './faults.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { type SeedOptions, type SeedReport, simulateSeed } from './world.ts';

export type Smaller = Pick<SeedOptions, 'without' | 'skip' | 'runsMax' | 'requestsMax'>;

export async function shrink(
  seed: number,
  bug: PlantedBug | undefined,
  tell: (line: string) => void,
): Promise<Smaller | undefined> {
  let tries = 0;
  const run = (options: Smaller): Promise<SeedReport> => {
    tries += 1;
    return simulateSeed(seed, { ...options, bug });
  };
  let report = await run({});
  if (report.faults.length === 0) return undefined;
  let best: Smaller = {};
  const attempt = async (options: Smaller): Promise<boolean> => {
    const next = await run(options);
    if (next.faults.length === 0) return false;
    best = options;
    report = next;
    return true;
  };

  const without: FaultKind[] = [];
  for (const kind of faultKinds) if (await attempt({ ...best, without: [...without, kind] })) without.push(kind);
  for (const limit of ['runsMax', 'requestsMax'] as const) {
    for (let most = 1; most <= 24; most += most < 6 ? 1 : 4) if (await attempt({ ...best, [limit]: most })) break;
  }
  // Leaves out ever smaller pieces of the list of faults that struck.
  for (let pieces = 2; ; ) {
    const struck = [...report.struck];
    if (struck.length === 0) break;
    const size = Math.ceil(struck.length / pieces);
    let dropped = false;
    for (let at = 0; at < struck.length && !dropped; at += size) {
      dropped = await attempt({ ...best, skip: [...(best.skip ?? []), ...struck.slice(at, at + size)] });
    }
    if (!dropped && size === 1) break;
    pieces = dropped ? Math.max(2, pieces - 1) : pieces * 2;
    if (tries > 600) break;
  }
  tell(
    `${tries} runs; left: ${report.struck.join(', ') || 'no fault'}; ${report.events} events of ${report.runs} runs`,
  );
  return best;
}
