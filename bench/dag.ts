/** D1: one run of a random dependency graph, of 10,000 and of 100,000 tasks, on SQLite FULL. */

import { join } from 'node:path';
import { type DagDefinition, type DagTask, inspectFlow } from '../src/definition/index.ts';
import { SeededRandom } from '../src/testing/simulation.ts';
import { Floor } from './floor.ts';
import { closedLoop, type Figure, inFolder, median, round } from './measure.ts';
import { open } from './workflows.ts';

const layers = 100;
const edgesIn = 3;
const repeats = 3;

/** 100 layers as wide as each other; a task needs three of the layer before. Its action is `core.noop`, or one of a worker that does nothing. */
function layered(count: number, action: string): DagDefinition {
  const { definition } = inspectFlow(`version: 1.0\ntasks: {a: {needs: [], action: ${action}}}`);
  if (definition?.style !== 'dag') throw new Error('not a dependency graph');
  const [plain] = definition.tasks.values();
  const random = new SeededRandom(7);
  const width = count / layers;
  const tasks = new Map<string, DagTask>();
  for (let task = 0; task < count; task += 1) {
    const layer = Math.floor(task / width);
    const needs = new Set<string>();
    while (layer > 0 && needs.size < Math.min(edgesIn, width))
      needs.add(`t${(layer - 1) * width + random.below(width)}`);
    const name = `t${task}`;
    tasks.set(name, { ...plain!, name, needs: [...needs].map((one) => ({ task: one, kind: 'blocking' })) });
  }
  return { ...definition, tasks, output: [], outputNeeds: [] };
}

export async function d1(): Promise<Figure[]> {
  const figures: Figure[] = [];
  await inFolder(async (folder) => {
    const floor = new Floor(join(folder, 'floor.db'));
    await closedLoop(256, 0.5, () => floor.run());
    for (const action of ['user.nothing', 'core.noop']) {
      const rates = new Map<number, number[]>();
      const floors: number[] = [];
      const pawl = await open(join(folder, `${action}.db`));
      for (const count of [10_000, 100_000]) {
        const code = { name: `random-${count}`, definition: layered(count, action), handlers: new Map() };
        const workflow = pawl.workflow(code);
        if (count === 10_000) await pawl.run(workflow);
        for (let repeat = 0; repeat < repeats; repeat += 1) {
          const base = await closedLoop(256, 0.5, () => floor.run());
          floors.push((3 * base.done) / base.seconds);
          const began = performance.now();
          const { status } = await pawl.run(workflow);
          if (status !== 'succeeded') throw new Error(`the run ended ${status}`);
          const rate = count / ((performance.now() - began) / 1000);
          rates.set(count, [...(rates.get(count) ?? []), rate]);
        }
      }
      await pawl.close();
      const variant = (count: number): string => `${count} tasks, ${action}`;
      const floorRate = median(floors);
      for (const [count, found] of rates) {
        const rate = median(found);
        const common = { workload: 'D1', variant: variant(count) };
        figures.push({ ...common, metric: 'tasks', unit: '1/s', value: round(rate, 0), floor: round(floorRate, 0) });
        figures.push({
          ...common,
          metric: 'tasks, of the floor',
          unit: 'ratio',
          value: round(rate / floorRate),
          floor: 1,
        });
      }
      const small = median(rates.get(10_000) ?? []);
      const large = median(rates.get(100_000) ?? []);
      const common = { workload: 'D1', variant: variant(100_000), floor: null };
      figures.push({ ...common, metric: 'rate, of that of 10,000', unit: 'ratio', value: round(large / small) });
    }
  });
  return figures;
}

/** One run of 100,000 tasks in a process that does nothing else. */
export async function d1Memory(): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'pawl.db'), { concurrency: 1_000 });
    const before = process.resourceUsage().maxRSS;
    const code = { name: 'random', definition: layered(100_000, 'user.nothing'), handlers: new Map() };
    const { status } = await pawl.run(pawl.workflow(code));
    if (status !== 'succeeded') throw new Error(`the run ended ${status}`);
    const { maxRSS } = process.resourceUsage();
    await pawl.close();
    const common = { workload: 'D1', variant: '100000 tasks, a process of its own', floor: null };
    return [
      { ...common, metric: 'peak RSS', unit: 'MB', value: round(maxRSS / 1024, 0) },
      { ...common, metric: 'of it before the graph was made', unit: 'MB', value: round(before / 1024, 0) },
    ];
  });
}
