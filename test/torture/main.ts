/**
 * Torture: real processes on real files, and faults that the world has.
 *
 *     npm run torture -- kill|functions|power|io|full|clock|bombs [count] [--seed N] [--normal]
 *
 * `--normal` lets `power` cut the power of a store that does not sync its commits, where it must find violations.
 *
 * Progress goes to standard error. The last line on standard output is one JSON object: what was tried, how often, and
 * every violation with its seed. Exits with 1 where there was one, with 2 where the machine lacks what the kind needs.
 */

import { parseArgs } from 'node:util';
import { CannotTorture } from './cannot.ts';
import type { Tally, TortureOptions } from './report.ts';

interface Kind {
  readonly count: number;
  readonly torture: () => Promise<(options: TortureOptions) => Promise<Tally>>;
}

/** What each kind does where no count is given: what the project promises to have done. */
const kinds: Readonly<Record<string, Kind>> = {
  kill: { count: 300, torture: async () => (await import('./kill.ts')).torture },
  functions: { count: 300, torture: async () => (await import('./kill.ts')).tortureFunctions },
  power: { count: 10_000, torture: async () => (await import('./power/power.ts')).torture },
  io: { count: 2_000, torture: async () => (await import('./io/io.ts')).torture },
  full: { count: 40, torture: async () => (await import('./full.ts')).torture },
  clock: { count: 100, torture: async () => (await import('./clock.ts')).torture },
  bombs: { count: 10_000, torture: async () => (await import('./bombs/torture.ts')).torture },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, normal: { type: 'boolean' } },
});
const [name = '', given] = positionals;
const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
const count = given === undefined ? kind?.count : Number(given);
if (kind === undefined || !Number.isInteger(count)) {
  console.error(`usage: npm run torture -- ${Object.keys(kinds).join('|')} [count] [--seed N]`);
  process.exit(2);
}

const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const started = performance.now();
const seconds = () => Math.round((performance.now() - started) / 100) / 10;
let told = -Infinity;
const progress = (text: string): void => {
  if (performance.now() - told < 1_000) return;
  told = performance.now();
  console.error(`${name} ${seconds()} s: ${text}`);
};

try {
  const torture = await kind.torture();
  const { trials, violations, counts } = await torture({
    count: count!,
    seed,
    progress,
    normal: values.normal === true,
  });
  // With no violation in n trials, the rate of violations is below 3/n with 95 % confidence.
  const rateBelow = violations.length === 0 ? 3 / trials : undefined;
  const shown = violations.slice(0, 20);
  const found = {
    kind: name,
    seed,
    trials,
    violations: violations.length,
    rateBelow,
    seconds: seconds(),
    counts,
    shown,
  };
  console.log(JSON.stringify(found));
  process.exit(violations.length === 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof CannotTorture)) throw error;
  console.error(error.message);
  process.exit(2);
}
