/** Results that runs use again. */

import { describe, expect, it } from 'vitest';
import { failed, succeeded, World } from './world.ts';

const styles: readonly [string, (cache: string, body?: string) => string][] = [
  [
    'graph',
    (cache, body = 'action: do.a') =>
      `version: 1.0\ninput: [n: 1]\ntasks:\n  a: { needs: [], ${body}, input: { n: "<% ctx(n) %>" }, cache: ${cache} }\n  b: { needs: [a], action: do.b, input: { a: "<% ctx(a) %>" } }\n`,
  ],
  [
    'flow',
    (cache, body = 'action: do.a') =>
      `version: 1.0\ninput: [n: 1]\ntasks:\n  a: { ${body}, input: { n: "<% ctx(n) %>" }, cache: ${cache}, next: [{ when: "<% succeeded() %>", publish: [r: "<% result() %>"], do: b }] }\n  b: { action: do.b, input: { a: "<% ctx(r) %>" } }\n`,
  ],
];
const ran = (world: World) => world.began.filter((name) => name === 'a').length;

describe.each(styles)('given a cached task of a %s', (_style, document) => {
  it('when another run has the same key, then it takes the result and no attempt runs', async () => {
    const world = new World({ script: { a: [succeeded({ x: 1 }), succeeded('other')] } });
    await world.start(document('{ key: k }'));
    const run = await world.start(document('{ key: k }'), { input: { n: 2 } });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(ran(world)).toBe(1);
    expect(world.orders.at(-1)).toMatchObject({ name: 'b', input: { a: { x: 1 } } });
  });

  it('when the key is the input, then another input is another result', async () => {
    const world = new World();
    await world.start(document('{ ttl: 1h }'));
    await world.start(document('{ ttl: 1h }'), { input: { n: 2 } });
    await world.start(document('{ ttl: 1h }'), { input: { n: 2 } });
    expect(ran(world)).toBe(2);
  });

  it.each([
    ['key', '{ key: k }', '{ key: l }'],
    ['version', '{ key: k, version: 1 }', '{ key: k, version: 2 }'],
  ])('when the %s is another, then the task runs', async (_what, one, other) => {
    const world = new World();
    await world.start(document(one));
    await world.start(document(other));
    expect(ran(world)).toBe(2);
  });

  it('when the action is another, then the task runs', async () => {
    const world = new World();
    await world.start(document('{ key: k }'));
    await world.start(document('{ key: k }', 'action: do.other'));
    expect(ran(world)).toBe(2);
  });

  it('when its time is over, then the task runs again, and not a moment before', async () => {
    const world = new World();
    await world.start(document('{ key: k, ttl: 10s }'));
    await world.advance(9_999);
    await world.start(document('{ key: k, ttl: 10s }'));
    expect(ran(world)).toBe(1);
    await world.advance(1);
    await world.start(document('{ key: k, ttl: 10s }'));
    expect(ran(world)).toBe(2);
  });

  it('when the task failed, then that is not kept', async () => {
    const world = new World({ script: { a: [failed(), succeeded(1)] } });
    await world.start(document('{ key: k }'));
    await world.start(document('{ key: k }'));
    expect(ran(world)).toBe(2);
  });

  it('when a fallback gave the result, then that is not kept', async () => {
    const world = new World({ script: { a: [failed(), succeeded('poor'), succeeded('good')] } });
    await world.start(document('{ key: k }', 'action: do.a, fallback: do.poor'));
    await world.start(document('{ key: k }', 'action: do.a, fallback: do.poor'));
    expect(world.orders.at(-1)?.input).toEqual({ a: 'good' });
  });

  it('when two runs begin at once, then both run it and both end', async () => {
    const world = new World({ script: { a: 'hold' } });
    const [one, two] = await Promise.all([world.start(document('{ key: k }')), world.start(document('{ key: k }'))]);
    expect(world.running).toEqual(['a', 'a']);
    await world.complete('a', 1);
    await world.complete('a', 2);
    expect((await world.ended(one)).status).toBe('succeeded');
    expect((await world.ended(two)).status).toBe('succeeded');
  });

  it('when the process died in between, then the result is still there', async () => {
    const world = new World();
    await world.start(document('{ key: k }'));
    await world.reload();
    await world.start(document('{ key: k }'));
    expect(ran(world)).toBe(1);
  });

  it('when the run is paused before it is looked for, then it is found once the run goes on', async () => {
    const world = new World({ script: { gate: 'hold' } });
    await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, cache: { key: z } }\n');
    const run = await world.start(
      'version: 1.0\ntasks:\n  gate: { needs: [], action: do.gate }\n  a: { needs: [gate], action: do.a, cache: { key: z } }\n',
    );
    await world.ask({ op: 'pause', run });
    await world.complete('gate');
    await world.ask({ op: 'resume', run });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(ran(world)).toBe(1);
  });
});
