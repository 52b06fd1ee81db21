/**
 * The `layout` workload: places and routes of layered drawings at three sizes, with three edges a node.
 *
 * Each case runs in a process of its own, so that peak memory is that of one layout, the graph and Node itself. Times are
 * medians; the first call, which still compiles, stands apart. There is no floor to put beside it: no shorter loop does the same.
 */

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './measure.ts';

const caseCount = 6;

export async function graphLayout(): Promise<Figure[]> {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'child-layout.js');
  return Array.from({ length: caseCount }).flatMap((_, index) => {
    const out = execFileSync(process.execPath, [script, String(index)], { encoding: 'utf8' });
    return JSON.parse(out) as Figure[];
  });
}
