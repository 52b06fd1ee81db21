/** What a plan takes at its widest: of each resource the most that tasks hold at one time. */

import type { Resources } from '../dag.ts';
import type { Schedule } from './list-schedule.ts';

/** Every amount that somewhere is asked for; names of the user's begin with `named.`. */
type Amounts = Map<string, number>;

const named = 'named.';

/** Over a schedule: a task that ends lets go before another that starts at that instant takes. O(n log n). */
export function peakOfSchedule(
  resources: readonly (Resources | undefined)[],
  { start, end, sequence }: Schedule,
): { readonly peak: Resources; readonly tasks: number } {
  const place = new Int32Array(sequence.length);
  sequence.forEach((task, at) => {
    place[task] = at;
  });
  const byEnd = Int32Array.from(sequence).sort((a, b) => end[a]! - end[b]! || place[a]! - place[b]!);
  const amounts = resources.map(amountsOf);
  const held: Amounts = new Map();
  const peak: Amounts = new Map();
  let over = 0;
  let most = 0;
  for (let begun = 0; begun < sequence.length; begun += 1) {
    const task = sequence[begun]!;
    while (place[byEnd[over]!]! < begun && end[byEnd[over]!]! <= start[task]!) {
      for (const [name, amount] of amounts[byEnd[over]!]!) held.set(name, held.get(name)! - amount);
      over += 1;
    }
    for (const [name, amount] of amounts[task]!) {
      const now = (held.get(name) ?? 0) + amount;
      held.set(name, now);
      if (now > (peak.get(name) ?? 0)) peak.set(name, now);
    }
    most = Math.max(most, begun + 1 - over);
  }
  return { peak: resourcesOf(peak), tasks: most };
}

/** Over stages, where it is not known when tasks start: of each resource, the `workers` largest demands of a stage at once. */
export function peakOfStages(
  stages: readonly (readonly (Resources | undefined)[])[],
  workers: number,
): { readonly peak: Resources; readonly tasks: number } {
  const peak: Amounts = new Map();
  let most = 0;
  for (const stage of stages) {
    most = Math.max(most, Math.min(workers, stage.length));
    const demands = new Map<string, number[]>();
    for (const resources of stage)
      for (const [name, amount] of amountsOf(resources)) {
        const others = demands.get(name);
        if (others === undefined) demands.set(name, [amount]);
        else others.push(amount);
      }
    for (const [name, all] of demands) {
      const largest = all.sort((a, b) => b - a).slice(0, workers === Number.POSITIVE_INFINITY ? all.length : workers);
      const sum = largest.reduce((total, amount) => total + amount, 0);
      if (sum > (peak.get(name) ?? 0)) peak.set(name, sum);
    }
  }
  return { peak: resourcesOf(peak), tasks: most };
}

function amountsOf(resources: Resources | undefined): Amounts {
  const amounts: Amounts = new Map();
  if (resources === undefined) return amounts;
  const { named: own = {}, ...standard } = resources;
  for (const [name, amount] of Object.entries(standard))
    if (amount !== undefined && amount > 0) amounts.set(name, amount);
  for (const [name, amount] of Object.entries(own)) if (amount > 0) amounts.set(named + name, amount);
  return amounts;
}

function resourcesOf(amounts: Amounts): Resources {
  const standard: [string, number][] = [];
  const own: [string, number][] = [];
  for (const [name, amount] of amounts) {
    // Fractions of cores sum up to 0.30000000000000004.
    const rounded = Math.round(amount * 1e6) / 1e6;
    if (name.startsWith(named)) own.push([name.slice(named.length), rounded]);
    else standard.push([name, rounded]);
  }
  return { ...Object.fromEntries(standard), ...(own.length === 0 ? {} : { named: Object.fromEntries(own) }) };
}
