/** `npm run bench [-- W1 W3 …] [--json]`: runs the workloads one after the other and prints their figures beside the floor. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { d1, d1Memory } from './dag.ts';
import { f1, f2, f3, f4, f5 } from './functions.ts';
import { graph, graphMemory } from './graph.ts';
import { graphLayout } from './graph-layout.ts';
import type { Figure } from './measure.ts';
import { r1 } from './retention.ts';
import { m1, machine, w1, w2, w3, w4, w5, w6, w7, w8 } from './workloads.ts';

const workloads: { readonly [name: string]: () => Promise<Figure[]> } = {
  W1: w1,
  W2: w2,
  W3: w3,
  W4: w4,
  W5: w5,
  W6: w6,
  W7: w7,
  W8: w8,
  D1: d1,
  'D1-memory': d1Memory,
  F1: f1,
  F2: f2,
  F3: f3,
  F4: f4,
  F5: f5,
  M1: m1,
  R1: r1,
  graph,
  layout: graphLayout,
  'graph-memory': graphMemory,
};
/** Run only when asked for by name: F4, M1 and R1 take minutes, and `graph` asks for its memory itself. */
const long: ReadonlySet<string> = new Set(['F4', 'M1', 'R1', 'graph-memory']);
const args = process.argv.slice(2);
const json = args.includes('--json');
const only = args.filter((arg) => !arg.startsWith('--'));
const unknown = only.filter((name) => !Object.hasOwn(workloads, name));

if (unknown.length > 0) {
  process.stderr.write(`there is no workload ${unknown.join(', ')}; there are ${Object.keys(workloads).join(', ')}\n`);
  process.exitCode = 2;
} else if (args.includes('--one')) {
  // A process of its own for each workload: none sees the heap of another.
  process.stdout.write(JSON.stringify(await workloads[only[0]!]!()));
} else {
  const figures: Figure[] = [];
  const all = Object.keys(workloads).filter((name) => !long.has(name));
  for (const name of only.length === 0 ? all : only) {
    const script = fileURLToPath(import.meta.url);
    const out = execFileSync(process.execPath, ['--expose-gc', script, name, '--one'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1e8,
    });
    const found = JSON.parse(out) as Figure[];
    figures.push(...found);
    if (!json) for (const figure of found) process.stdout.write(`${lineOf(figure)}\n`);
  }
  process.stdout.write(json ? `${JSON.stringify(figures, null, 1)}\n` : `${machine()}\n`);
}

function lineOf({ workload, variant, metric, unit, value, floor }: Figure): string {
  const beside = floor === null ? '' : `   floor ${floor}`;
  return `${workload}  ${variant.padEnd(36)} ${metric.padEnd(30)} ${String(value).padStart(10)} ${unit.padEnd(6)}${beside}`;
}
