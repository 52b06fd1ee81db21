/** Starting runs, the ids they have, and what comes in and goes out. */

import { describe, expect, it } from 'vitest';
import { createPawl, type Json, workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn } from './stage.ts';

const echo = workflow('echo', async (_run, given: unknown) => ({ given }) as never);
const waits = workflow('waits', async (run, { n }: { n: number }) => [n, await run.signal('go')]);
const fails = workflow('fails', async (run) => {
  if ((await run.signal('go')) === 'badly') throw new Error('badly');
  return 'well';
});

describe.each(places)('given workflows that are started, on %s', (place) => {
  const stage = stageOn(place);

  it('when one is started by its name, then its code of that name runs', async () => {
    const pawl = await stage.open([echo]);
    expect((await pawl.run('echo', { a: 1 })).output).toEqual({ given: { a: 1 } });
  });

  it('when a name is started that is not registered, then that is said and nothing begins', async () => {
    const pawl = await stage.open([echo]);
    expect(await refusal(pawl.start('ecko', {}))).toMatchObject({ code: 'not_found', message: /"ecko"/ });
    expect((await pawl.list()).runs).toEqual([]);
  });

  it.each<[what: string, input: unknown]>([
    ['a text', 'text'],
    ['null', null],
    ['a list', [1, [2]]],
    ['false', false],
    ['a map with the key value', { value: 1 }],
    ['a map with the keys value and more', { value: 1, more: 2 }],
    ['a map in a map of the key value', { value: { value: { value: null } } }],
    ['a map with odd keys', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "": 2}')],
    ['text of other scripts', { ключ: '漢字 🐾 \u0000 \u2028' }],
  ])('when it is given %s, then the function gets that and it comes back as it was', async (_what, input) => {
    const pawl = await stage.open([echo]);
    const { output } = await pawl.run('echo', input as never);
    expect(JSON.stringify(output)).toBe(JSON.stringify({ given: input }));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each<[what: string, input: unknown]>([
    ['a big integer', { n: 1n }],
    ['a function', { f: () => 1 }],
    ['undefined in a map', { a: undefined }],
    ['a Map', new Map()],
    ['a Date', { at: new Date(0) }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a symbol', Symbol('s')],
    [
      'a map that holds itself',
      (() => {
        const map: { self?: unknown } = {};
        map.self = map;
        return map;
      })(),
    ],
  ])('when it is given %s, then the start is refused and nothing begins', async (_what, input) => {
    const pawl = await stage.open([echo]);
    expect(await refusal(pawl.start('echo', input as never))).toMatchObject({ code: 'bad_input' });
    expect((await pawl.list()).runs).toEqual([]);
  });

  it.each(['', ' ', 'a b', '../x', '.hidden', 'é', 'x'.repeat(201), 'a\nb', '-x', "o'; DROP TABLE runs; --"])(
    'when the id is %j, then the start is refused and says which ids there are',
    async (id) => {
      const pawl = await stage.open([echo]);
      expect(await refusal(pawl.start('echo', {}, { id }))).toMatchObject({
        code: 'bad_input',
        message: /letters, digits/,
      });
    },
  );

  it.each(['0', 'a/b/../c', 'order:7', '__proto__'.slice(2), 'x'.repeat(200), 'constructor'])(
    'when the id is %j, then the run has that id and is found by it',
    async (id) => {
      const pawl = await stage.open([echo]);
      await pawl.run('echo', {}, { id });
      expect(await pawl.handle(id).describe()).toMatchObject({ id, status: 'succeeded' });
    },
  );

  it('when no id is given, then each run has its own', async () => {
    const pawl = await stage.open([echo]);
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await pawl.start('echo', {})).id));
    expect(new Set(ids).size).toBe(50);
  });

  it('when the same start is made many times at once, then there is one run', async () => {
    const pawl = await stage.open([waits]);
    const handles = await Promise.all(Array.from({ length: 20 }, () => pawl.start(waits, { n: 1 }, { id: 'one' })));
    await pawl.handle('one').signal('go', 'now');
    expect(await Promise.all(handles.map(async (handle) => (await handle.result()).output))).toEqual(
      Array.from({ length: 20 }, () => [1, 'now']),
    );
    expect((await pawl.list()).runs).toHaveLength(1);
  });

  it('when the id is taken by another start, then that is a conflict, and the first goes on', async () => {
    const pawl = await stage.open([waits, echo]);
    const handle = await pawl.start(waits, { n: 1 }, { id: 'one' });
    expect(await refusal(pawl.start(waits, { n: 2 }, { id: 'one' }))).toMatchObject({ code: 'conflict' });
    expect(await refusal(pawl.start('echo', { n: 1 }, { id: 'one' }))).toMatchObject({ code: 'conflict' });
    await handle.signal('go', 7);
    expect((await handle.result()).output).toEqual([1, 7]);
  });

  it('when a conflict is to fail, then the same start is refused too', async () => {
    const pawl = await stage.open([waits]);
    await pawl.start(waits, { n: 1 }, { id: 'one' });
    expect(await refusal(pawl.start(waits, { n: 1 }, { id: 'one', conflict: 'fail' }))).toMatchObject({
      code: 'conflict',
    });
  });

  it('when a conflict is to terminate, then the new one runs under the id and its result is that of the new one', async () => {
    const pawl = await stage.open([waits]);
    await pawl.start(waits, { n: 1 }, { id: 'one' });
    const next = await pawl.start(waits, { n: 2 }, { id: 'one', conflict: 'terminate' });
    await next.signal('go', null);
    expect((await next.result()).output).toEqual([2, null]);
  });

  it('when a conflict is to terminate, then whoever waited for the first is told that it was terminated', async () => {
    const pawl = await stage.open([waits]);
    const first = (await pawl.start(waits, { n: 1 }, { id: 'one' })).result();
    await pawl.start(waits, { n: 2 }, { id: 'one', conflict: 'terminate' });
    expect(await first).toMatchObject({ status: 'terminated' });
  });

  it.each<[how: 'well' | 'badly', reuse: 'attach' | 'never' | 'failed' | 'always', comes: string]>([
    ['well', 'attach', 'attached'],
    ['badly', 'attach', 'attached'],
    ['well', 'never', 'conflict'],
    ['badly', 'never', 'conflict'],
    ['well', 'failed', 'attached'],
    ['badly', 'failed', 'replaced'],
    ['well', 'always', 'replaced'],
    ['badly', 'always', 'replaced'],
  ])('when a run ended %s and its id is reused as "%s", then it is %s', async (how, reuse, comes) => {
    const pawl = await stage.open([fails]);
    const first = await pawl.start(fails, {}, { id: 'one', signal: { name: 'go', payload: how } });
    await first.result();
    const asked = pawl.start(fails, {}, { id: 'one', reuse });
    if (comes === 'conflict') {
      expect(await refusal(asked)).toMatchObject({ code: 'conflict' });
      return;
    }
    const { status } = await (await asked).describe();
    expect(['succeeded', 'failed'].includes(status) ? 'attached' : 'replaced').toBe(comes);
  });

  it('when a policy is no policy, then the start is refused', async () => {
    const pawl = await stage.open([echo]);
    const asked = pawl.start('echo', {}, { id: 'one', conflict: 'replace' as never });
    expect(await refusal(asked)).toMatchObject({ code: 'bad_input', message: /attach/ });
    expect(await refusal(pawl.start('echo', {}, { id: 'one', reuse: 'yes' as never }))).toMatchObject({
      code: 'bad_input',
    });
  });

  it('when it is started with a signal, then the run has it as it begins', async () => {
    const pawl = await stage.open([waits]);
    const handle = await pawl.start(waits, { n: 1 }, { signal: { name: 'go', payload: { by: 'Ada' } } });
    expect((await handle.result()).output).toEqual([1, { by: 'Ada' }]);
  });

  it('when it is started with a signal and the run is there already, then that run has the signal', async () => {
    const pawl = await stage.open([waits]);
    const first = await pawl.start(waits, { n: 1 }, { id: 'one' });
    await pawl.start(waits, { n: 1 }, { id: 'one', signal: { name: 'go', payload: 'second' } });
    expect((await first.result()).output).toEqual([1, 'second']);
  });

  it('when it is started twice with a signal of one id, then the signal counts once', async () => {
    const pawl = await stage.open();
    const twice = workflow('twice', async (run) => [
      await run.signal('go'),
      (await run.signal('go', { timeout: stage.long })) ?? 'none',
    ]);
    const options = { id: 'one', signal: { name: 'go', payload: 1, id: 's1' } };
    await pawl.start(twice, {}, options);
    const handle = await pawl.start(twice, {}, options);
    expect((await handle.result()).output).toEqual([1, 'none']);
  });

  it('when what a run gave is asked for later, then it is the same, also from another process', async () => {
    let pawl = await stage.open([echo]);
    await pawl.run('echo', [1] as never, { id: 'one' });
    pawl = await stage.takeOver([echo]);
    expect((await pawl.handle('one').result()).output).toEqual({ given: [1] });
  });

  it('when a run is asked for that is not there, then each question says so', async () => {
    const pawl = await stage.open([echo]);
    const none = pawl.handle('none');
    const asked: (() => Promise<unknown>)[] = [
      () => none.result(),
      () => none.signal('go'),
      () => none.query('q'),
      () => none.update('u'),
      () => none.cancel(),
      () => none.terminate(),
      () => none.pause(),
      () => none.resume(),
      () => none.describe(),
      () => none.state(),
      () => none.history(),
      () => none.rerun(),
      () => none.fork(1),
      () => none.remove(),
      () => none.setAttributes({ a: 1 }),
      async () => {
        for await (const _ of none.stream('s'));
      },
    ];
    const codes = await Promise.all(asked.map(async (ask) => (await refusal(ask())).code));
    expect(codes).toEqual(asked.map(() => 'not_found'));
  });

  it('when a run is started and its process dies at once, then it runs in the next', async () => {
    let pawl = await stage.open([echo]);
    await pawl.start('echo', { n: 1 }, { id: 'one' });
    pawl = await stage.takeOver([echo]);
    expect((await pawl.handle('one').result()).output).toEqual({ given: { n: 1 } });
  });

  it('when the engine is closed, then whoever waits is told, and the run stays', async () => {
    const pawl = await stage.open([waits]);
    const handle = await pawl.start(waits, { n: 1 }, { id: 'one' });
    await comesTo(handle, 'waiting');
    const result = refusal(handle.result());
    await pawl.close();
    expect((await result).code).toBe('closed');
  });

  it('when two workflows have one name and no version, then which code runs is not left to chance', async () => {
    const other = workflow('echo', async () => 'other');
    const asked = (async () => {
      const pawl = await stage.open([echo, other]);
      return (await pawl.run('echo', {})).output as Json;
    })();
    // The last one counts, as it does where code was changed.
    expect(await asked).toBe('other');
  });

  it.each(['', ' ', 'a\nb', 7, undefined])('when a workflow is named %j, then it is refused', (name) => {
    expect(() => workflow(name as string, async () => {})).toThrow(/name/);
  });

  it.each<[what: string, options: unknown]>([
    ['a misspelt option', { vesion: '2' }],
    ['a version that is a number', { version: 2 }],
    ['an empty version', { version: '' }],
    ['a limit of NaN', { limits: { durationMs: Number.NaN } }],
    ['a negative limit', { limits: { durationMs: -1 } }],
    ['a limit that there is not', { limits: { duration: 5 } }],
    ['an input that is no schema', { input: {} }],
    ['a signal that is no schema', { signals: { paid: 'text' } }],
    ['signals that are no map', { signals: ['paid'] }],
    ['a query with a schema of neither side', { queries: { stand: { answer: {} } } }],
  ])('when a workflow has %s, then it is refused and the message names it', (_what, options) => {
    expect(() => workflow('odd', async () => {}, options as object)).toThrow(/odd/);
  });

  it.each(['workflowId', 'Id', 'idempotencyKey', 'signals'])(
    'when the options of a start have %j, then it is refused with those there are',
    async (option) => {
      const pawl = await stage.open([echo]);
      const asked = pawl.start('echo', {}, { [option]: 'a' } as object);
      expect(await refusal(asked)).toMatchObject({ code: 'bad_input', message: /conflict/ });
    },
  );

  it('when what is started is no workflow, then that is said', async () => {
    const pawl = await stage.open();
    for (const nonsense of [undefined, null, 7, {}, async () => {}])
      expect((await refusal(pawl.start(nonsense as never))).message).toMatch(/workflow/);
  });
});

describe('given a file that an engine has open', () => {
  const stage = stageOn('sqlite');

  it('when the file is open in one engine, then another is told who has it', async () => {
    const pawl = await stage.open([echo]);
    const { code, message } = await refusal(createPawl({ path: stage.path, listen: false }));
    expect([code, message]).toEqual(['file_in_use', expect.stringContaining(String(process.pid))]);
    expect((await pawl.run('echo', 1 as never)).output).toEqual({ given: 1 });
  });
});
