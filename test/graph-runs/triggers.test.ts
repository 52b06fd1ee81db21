/** When a task starts, by its trigger and by what became of those it needs; in which order they ended makes no difference. */

import { describe, expect, it } from 'vitest';
import { failed, World } from './world.ts';

type End = 'succeeds' | 'fails' | 'is skipped' | 'is cut off';
type Follows = 'runs' | 'is skipped' | 'is cut off';
const ends: readonly End[] = ['succeeds', 'fails', 'is skipped', 'is cut off'];
const triggers = ['all_succeeded', 'all_done', 'any_succeeded', 'none_failed'] as const;

/** By the words of the definition, and not by the code. */
function expected(trigger: (typeof triggers)[number], needs: readonly End[]): Follows {
  const some = (...which: End[]) => needs.some((end) => which.includes(end));
  const all = (...which: End[]) => needs.every((end) => which.includes(end));
  switch (trigger) {
    case 'all_succeeded':
      if (all('succeeds')) return 'runs';
      break;
    case 'all_done':
      return 'runs';
    case 'any_succeeded':
      if (some('succeeds')) return 'runs';
      break;
    case 'none_failed':
      if (!some('fails', 'is cut off')) return 'runs';
  }
  return some('fails', 'is cut off') ? 'is cut off' : 'is skipped';
}

/** A task `name` that comes to `end` once `gate` lets it. */
function ending(name: string, end: End): string {
  const gate = `  ${name}_gate: { needs: [], action: do.gate }\n`;
  switch (end) {
    case 'is skipped':
      return `${gate}  ${name}: { needs: [${name}_gate], action: do.it, when: "<% false %>" }\n`;
    case 'is cut off':
      return `${gate}  ${name}_bad: { needs: [${name}_gate], action: do.it }\n  ${name}: { needs: [${name}_bad], action: do.it }\n`;
    default:
      return `${gate}  ${name}: { needs: [${name}_gate], action: do.it }\n`;
  }
}

async function follows(trigger: string, needs: readonly [End, End], order: readonly string[]): Promise<Follows> {
  const script: { [name: string]: 'hold' | ReturnType<typeof failed> } = {
    x_gate: 'hold',
    y_gate: 'hold',
    x_bad: failed(),
    y_bad: failed(),
  };
  if (needs[0] === 'fails') script.x = failed();
  if (needs[1] === 'fails') script.y = failed();
  const world = new World({ script });
  const run = await world.start(`
version: 1.0
failure: skip
tasks:
${ending('x', needs[0])}${ending('y', needs[1])}
  t: { needs: [x, y], action: do.t, trigger: ${trigger} }
  after: { needs: [t], action: do.after, trigger: none_failed }
`);
  for (const gate of order) await world.complete(gate);
  await world.ended(run);
  if (world.began.includes('t')) return 'runs';
  return world.began.includes('after') ? 'is skipped' : 'is cut off';
}

describe.each(triggers)('given a task with the trigger %s that needs two', (trigger) => {
  for (const first of ends) {
    for (const second of ends) {
      const what = expected(trigger, [first, second]);
      it(`when one ${first} and the other ${second}, then it ${what}, whichever ends first`, async () => {
        expect(await follows(trigger, [first, second], ['x_gate', 'y_gate'])).toBe(what);
        expect(await follows(trigger, [first, second], ['y_gate', 'x_gate'])).toBe(what);
      });
    }
  }

  it('when it needs nothing, then it runs', async () => {
    const world = new World();
    const run = await world.start(`
version: 1.0
tasks:
  t: { needs: [], action: do.t, trigger: ${trigger === 'any_succeeded' ? 'all_done' : trigger} }
`);
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['t']);
  });
});

describe('given a task with the trigger any_succeeded', () => {
  const document = `
version: 1.0
failure: skip
tasks:
  x: { needs: [], action: do.x }
  y: { needs: [], action: do.y }
  t: { needs: [x, y], action: do.t, trigger: any_succeeded, input: { x: "<% ctx(x) %>", y: "<% ctx(y) %>" } }
`;

  it('when one need succeeded and the other runs, then it begins and sees null for that one', async () => {
    const world = new World({ script: { x: 'hold', y: 'hold' } });
    const run = await world.start(document);
    await world.complete('y', 3);
    expect(world.began).toEqual(['x', 'y', 't']);
    expect(world.orders[2]?.input).toEqual({ x: null, y: 3 });
    expect(await world.status(run)).toBe('running');
  });

  it('when the other need fails later, then what began goes on and the run fails in the end', async () => {
    const world = new World({ script: { x: 'hold', y: 'hold', t: 'hold' } });
    const run = await world.start(document);
    await world.complete('y', 3);
    await world.fail('x');
    expect(world.running).toEqual(['t']);
    await world.complete('t');
    expect((await world.ended(run)).status).toBe('failed');
    expect(await world.outcomes(run)).toEqual({ x: 'failed', y: 'succeeded', t: 'succeeded' });
  });

  it('when it needs nothing at all, then it does not stand in the way of the run', async () => {
    const world = new World();
    const run = await world.start('version: 1.0\ntasks:\n  t: { needs: [], action: do.t, trigger: any_succeeded }\n');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when a need failed before and the run is loaded anew, then the other can still start it', async () => {
    const world = new World({ script: { x: 'hold', y: 'hold' } });
    const run = await world.start(document);
    await world.fail('x');
    await world.reload();
    await world.complete('y');
    await world.ended(run);
    expect(world.began).toContain('t');
  });
});
