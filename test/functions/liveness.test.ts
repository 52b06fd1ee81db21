/** Runs of functions that could come to stand still, or to be lost with a process: each has something that moves it. */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnyAction,
  createPawl,
  defineAction,
  type Pawl,
  type PawlOptions,
  type RunContext,
  workflow,
} from '../../src/index.ts';
import { until } from './world.ts';

describe('given a durable function on a file', () => {
  let folder: string;
  const opened: Pawl[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-liveness-'));
  });
  afterEach(async () => {
    for (const pawl of opened.splice(0)) await pawl.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (
    workflows: NonNullable<PawlOptions['workflows']>,
    {
      file = 'pawl.db',
      actions = [],
      ...options
    }: Partial<PawlOptions> & { file?: string; actions?: AnyAction[] } = {},
  ): Promise<Pawl> => {
    const pawl = await createPawl({ path: join(folder, file), workflows, actions, listen: false, ...options });
    opened.push(pawl);
    return pawl;
  };
  /** The file as it would be found if the process died now. */
  const copied = (name: string): string => {
    for (const end of ['', '-wal'])
      if (existsSync(join(folder, `pawl.db${end}`)))
        copyFileSync(join(folder, `pawl.db${end}`), join(folder, `${name}${end}`));
    return name;
  };
  const result = async (pawl: Pawl, run: string) => {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('it did not end')), 4_000).unref();
    });
    return (await Promise.race([pawl.handle(run).result(), late])) as Awaited<
      ReturnType<ReturnType<Pawl['handle']>['result']>
    >;
  };

  /** By its row: whoever looks at a run brings it into memory. */
  const comesTo = (
    pawl: Pawl,
    id: string,
    status: 'succeeded' | 'waiting' | 'canceled' | 'terminated',
  ): Promise<void> => until(async () => (await pawl.list({ status })).runs.some((run) => run.id === id));

  it('when the process dies after a transaction and before the function heard of it, then the run goes on', async () => {
    const books = workflow('books', async (run) => {
      await run.transaction('book', (sql) => sql.exec('CREATE TABLE IF NOT EXISTS t (n); INSERT INTO t VALUES (1)'));
      return run.step('after', () => 'done');
    });
    const pawl = await open([books]);
    let died = '';
    pawl.subscribe((_run, events) => {
      if (died === '' && events.some(({ type }) => type === 'TaskEnded')) died = copied('died.db');
    });
    await pawl.run(books, {}, { id: 'r' });
    const next = await open([books], { file: died });
    await next.resume();
    await comesTo(next, 'r', 'succeeded');
    expect((await result(next, 'r')).output).toBe('done');
    expect(await next.transaction((sql) => sql.get('SELECT count(*) AS n FROM t')?.n)).toBe(1);
  });

  it('when the process dies after a rerun and before the function was run again, then the run goes on', async () => {
    let isMended = false;
    const fails = workflow('fails', async (run) => {
      await run.step('first', () => 1);
      if (!isMended) throw new Error('not yet');
      return run.step('second', () => 2);
    });
    const pawl = await open([fails]);
    await pawl.run(fails, {}, { id: 'r' });
    isMended = true;
    let died = '';
    pawl.subscribe((_run, events) => {
      if (died === '' && events.some(({ type }) => type === 'RunReopened')) died = copied('died.db');
    });
    await pawl.handle('r').rerun();
    const next = await open([fails], { file: died });
    await next.resume();
    await comesTo(next, 'r', 'succeeded');
    expect((await result(next, 'r')).output).toBe(2);
  });

  it('when the process dies after a fork with an edited result, then the fork goes on', async () => {
    const twice = workflow('twice', async (run) => {
      const first = await run.step('first', () => 1);
      await run.signal('go');
      return first;
    });
    const pawl = await open([twice]);
    await pawl.start(twice, {}, { id: 'r' });
    await until(
      async () => (await pawl.handle('r').state()).open.size === 1 && (await pawl.handle('r').state()).nextTask === 2,
    );
    let died = '';
    pawl.subscribe((_run, events) => {
      if (died === '' && events.some(({ type }) => type === 'RunForked')) died = copied('died.db');
    });
    await pawl.handle('r').fork({ call: 'first', output: 7 }, 'f');
    await until(() => died !== '');
    const next = await open([twice], { file: died });
    await next.resume();
    await comesTo(next, 'f', 'waiting');
    await next.handle('f').signal('go');
    expect((await result(next, 'f')).output).toBe(7);
  });

  it('when a transaction is to be tried again at once, then it is', async () => {
    let tries = 0;
    const stubborn = workflow('stubborn', (run) =>
      run.transaction(
        'book',
        () => {
          tries += 1;
          if (tries < 3) throw new Error('not yet');
          return tries;
        },
        { retry: { count: 5 } },
      ),
    );
    const pawl = await open([stubborn]);
    await pawl.start(stubborn, {}, { id: 'r' });
    expect((await result(pawl, 'r')).output).toBe(3);
  });

  it('when it asks for a patch after a transaction that nobody heard of, then the answer is recorded', async () => {
    const books = workflow('books', async (run) => {
      await run.transaction('book', () => 1);
      if (run.patched('p')) await run.step('new', () => 1);
      else await run.step('old', () => 1);
      await run.signal('go');
      return 'done';
    });
    const pawl = await open([books]);
    let died = '';
    pawl.subscribe((_run, events) => {
      if (died === '' && events.some(({ type }) => type === 'TaskEnded')) died = copied('died.db');
    });
    await pawl.start(books, {}, { id: 'r' });
    await until(() => died !== '');
    const next = await open([books], { file: died });
    await next.resume();
    await next.handle('r').signal('other');
    await until(async () => (await next.handle('r').state()).nextTask === 3);
    await next.close();
    const third = await open([books], { file: died });
    await third.resume();
    await third.handle('r').signal('go');
    expect((await result(third, 'r')).output).toBe('done');
  });

  it.each(['pausing', 'paused'])('when it begins anew while its run is %s, then it does', async (status) => {
    let release = () => {};
    const anew = workflow('anew', async (run, { n }: { n: number }) => {
      if (n === 2) return 'second';
      const side = run.cancelable(() => run.step('slow', () => new Promise<void>((resolve) => (release = resolve))));
      if (status === 'paused') await side.result;
      await run.signal('go');
      return run.continueAsNew({ n: 2 });
    });
    const pawl = await open([anew]);
    const handle = await pawl.start(anew, { n: 1 }, { id: 'r' });
    await until(async () => (await handle.state()).busy === 1);
    if (status === 'paused') {
      release();
      await until(async () => (await handle.state()).busy === 0);
    }
    await handle.pause();
    expect((await handle.state()).status).toBe(status);
    await handle.signal('go');
    release();
    await handle.resume().catch(() => {});
    expect((await result(pawl, 'r')).output).toBe('second');
  });

  it('when its time is over and it makes another call, then the run fails all the same', async () => {
    const slow = workflow(
      'slow',
      async (run) => {
        await run.all([
          () =>
            run
              .step('a', ({ signal }) => aborted(signal).then(() => Promise.reject(new Error('aborted'))))
              .catch(() => run.step('more', () => 1)),
          () =>
            run
              .step('b', ({ signal }) => aborted(signal).then(() => new Promise((r) => setTimeout(r, 50))))
              .catch(() => {}),
        ]);
      },
      { limits: { durationMs: 100 } },
    );
    const pawl = await open([slow]);
    await pawl.start(slow, {}, { id: 'r' });
    expect((await result(pawl, 'r')).status).toBe('failed');
  });

  it('when a step hands itself over although its run is being canceled, then the run ends', async () => {
    const hands = workflow('hands', (run) =>
      run.step('give', async ({ signal, handOver }) => {
        await aborted(signal);
        return handOver();
      }),
    );
    const pawl = await open([hands]);
    const handle = await pawl.start(hands, {}, { id: 'r' });
    await until(async () => (await handle.state()).busy === 1);
    await handle.cancel();
    expect((await result(pawl, 'r')).status).toBe('canceled');
  });

  it('when its token is answered before the step has handed itself over, then the answer counts', async () => {
    let token = '';
    let release = () => {};
    const hands = workflow('hands', (run) =>
      run.step('give', async (attempt) => {
        token = attempt.token;
        await new Promise<void>((resolve) => (release = resolve));
        return attempt.handOver();
      }),
    );
    const pawl = await open([hands]);
    await pawl.start(hands, {}, { id: 'r' });
    await until(() => token !== '');
    await pawl.complete(token, 'early');
    release();
    expect((await result(pawl, 'r')).output).toBe('early');
    await expect(pawl.complete(token, 'twice')).rejects.toMatchObject({ code: 'refused' });
  });

  it.each([
    [
      'sleeps for no time',
      async (run: RunContext) => {
        for (;;) await run.sleep(0);
      },
    ],
    ['begins anew at once', async (run: RunContext) => run.continueAsNew({})],
  ])('when one function %s, for ever, then others go on, and it can be stopped', async (_what, body) => {
    const spins = workflow('spins', async (run) => body(run));
    const other = workflow('other', (run) => run.step('s', () => 1));
    const pawl = await open([spins, other]);
    await pawl.start(spins, {}, { id: 'spins' });
    await pawl.start(other, {}, { id: 'other' });
    expect((await result(pawl, 'other')).output).toBe(1);
    await pawl.handle('spins').terminate();
    expect((await result(pawl, 'spins')).status).toBe('terminated');
  });

  it('when a parent and its children come back together, then each is heard once', async () => {
    const gates = new Map<string, () => void>();
    const child = workflow('child', (run, { n }: { n: number }) =>
      run.step('work', () => new Promise<number>((resolve) => gates.set(`${n}`, () => resolve(n)))),
    );
    const parent = workflow('parent', async (run) => {
      const some = await run.map([0, 1, 2, 3, 4, 5, 6, 7], (n) => run.child(child, { n }));
      const more = await run.map([8, 9], (n) => run.child(child, { n }));
      await run.signal('go');
      return [...some, ...more];
    });
    const pawl = await open([parent, child]);
    await pawl.start(parent, {}, { id: 'p' });
    await until(() => gates.size === 8);
    gates.clear();
    await pawl.close();
    const next = await open([parent, child]);
    await next.resume();
    await until(() => gates.size === 8);
    for (const let_ of gates.values()) let_();
    await until(() => gates.size === 10);
    gates.get('8')?.();
    gates.get('9')?.();
    await next.handle('p').signal('go');
    expect((await result(next, 'p')).output).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('when it is forked while a child is under way, then the fork hears of the end of its own child', async () => {
    const held = defineHeld();
    const child = workflow('child', async (run) => run.step('work', () => held.wait('child')));
    const parent = workflow('parent', async (run) => {
      const [a, b] = await run.all([() => run.child(child), () => run.step('side', () => 1)]);
      return [a, b];
    });
    const pawl = await open([parent, child]);
    await pawl.start(parent, {}, { id: 'p' });
    await until(async () => (await pawl.handle('p').history()).some(({ type }) => type === 'TaskEnded'));
    held.open();
    await result(pawl, 'p');
    for (let n = 0; n < 5; n += 1) {
      await pawl.handle('p').fork({ call: 'side' }, `f${n}`);
      expect(await result(pawl, `f${n}`)).toMatchObject({ status: 'succeeded', output: ['child', 1], errors: [] });
    }
  });

  it('when a child started by name comes back where its code is not, then it says so', async () => {
    const child = workflow('child', (run) => run.signal('go'));
    const parent = workflow('parent', (run) => run.child('child'));
    const pawl = await open([parent, child]);
    await pawl.start(parent, {}, { id: 'p' });
    await until(async () => (await pawl.list({ workflow: 'child' })).runs.length === 1);
    await pawl.close();
    const next = await open([]);
    await next.resume();
    expect((await next.handle('p/0').state()).blocked).toMatch(/"child".*not registered/);
    await next.close();
    const third = await open([parent, child]);
    await third.resume();
    await third.handle('p/0').signal('go', 5);
    expect((await result(third, 'p')).output).toBe(5);
  });

  it('when a parent is canceled whose children are not in memory, then they are canceled as well', async () => {
    const child = workflow('child', (run) => run.signal('never'));
    const parent = workflow('parent', (run) => run.child(child));
    const pawl = await open([parent, child]);
    await pawl.start(parent, {}, { id: 'p' });
    await until(async () => (await pawl.list({ workflow: 'child' })).runs.length === 1);
    await pawl.close();
    const next = await open([parent, child]);
    await next.handle('p').cancel();
    await comesTo(next, 'p', 'canceled');
    await comesTo(next, 'p/0', 'canceled');
  });

  it.each([
    ['leaves', 'canceled', 'cancel'],
    ['leaves', 'terminated', 'terminate'],
    ['ends', 'canceled', 'cancel'],
    ['times out', 'canceled', 'cancel'],
  ] as const)(
    'when a function %s a child that is not in memory, then no crash in between keeps the child from being %s',
    async (how, status, onParentClose) => {
      const child = workflow('child', (run) => run.signal('never'));
      const parent = workflow('parent', async (run) => {
        const options = how === 'times out' ? { timeout: '400ms' } : {};
        const called = run.child(child, {}, { onParentClose, ...options }).catch(() => 'left');
        if (how === 'times out') await called;
        else if (how === 'leaves') await run.race([() => called, () => run.signal('go')]);
        else await run.signal('go');
        if (how !== 'ends') await run.signal('end');
        return 'ended';
      });
      const leaves = workflow('leaves', async (run) => {
        await run.race([() => run.child(child, {}, { onParentClose }), () => run.signal('go')]);
        await run.signal('end');
      });
      const code = how === 'leaves' ? leaves : parent;
      const pawl = await open([code, child]);
      await pawl.start(code, {}, { id: 'p' });
      await until(async () => (await pawl.list({ workflow: 'child' })).runs.length === 1);
      await pawl.close();
      const next = await open([code, child]);
      let died = '';
      next.subscribe((run, events) => {
        if (run === 'p' && died === '' && events.some(({ type }) => type === 'TaskEnded')) died = copied('died.db');
      });
      if (how === 'times out') await next.resume(['p']);
      else await next.handle('p').signal('go');
      await until(() => died !== '');
      const third = await open([code, child], { file: died });
      await third.resume();
      await comesTo(third, 'p/0', status);
    },
  );

  it('when a run is rerun that began anew, then only what failed since counts', async () => {
    const done: string[] = [];
    let isMended = false;
    const anew = workflow('anew', async (run, { n }: { n: number }) => {
      if (n === 1) {
        await run.step('odd', () => Promise.reject(new Error('no'))).catch(() => {});
        return run.continueAsNew({ n: 2 });
      }
      await run.step('charge', () => void done.push('charged'));
      if (!isMended) throw new Error('a bug');
      return 'mended';
    });
    const pawl = await open([anew]);
    await pawl.run(anew, { n: 1 }, { id: 'r' });
    isMended = true;
    await pawl.handle('r').rerun();
    expect((await result(pawl, 'r')).output).toBe('mended');
    expect(done).toEqual(['charged']);
  });

  it('when its retries are without end, then they are after a crash too', async () => {
    let tries = 0;
    const flaky = defineAction({
      name: 'flaky',
      handler: () => {
        tries += 1;
        if (tries < 8) throw new Error('no');
        return tries;
      },
    });
    const endless = workflow('endless', (run) =>
      run.task(flaky, {}, { retry: { count: Number.POSITIVE_INFINITY, delay: '100ms' } }),
    );
    const pawl = await open([endless], { actions: [flaky] });
    await pawl.start(endless, {}, { id: 'r' });
    await until(() => tries > 2);
    await pawl.close();
    const next = await open([endless], { actions: [flaky] });
    await next.resume();
    expect((await result(next, 'r')).output).toBe(8);
  });

  it('when a run is removed, or its engine closes, while somebody waits for it, then that one is told', async () => {
    const waits = workflow('waits', (run) => run.signal('go'));
    const pawl = await open([waits]);
    const handle = await pawl.start(waits, {}, { id: 'r' });
    const waiting = handle.result().catch((error: unknown) => error);
    const reading = (async () => {
      for await (const piece of handle.stream('s')) void piece;
      return 'ended';
    })().catch((error: unknown) => error);
    await until(async () => (await handle.state()).open.size === 1);
    await pawl.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
    expect(await reading).toMatchObject({ code: 'closed' });
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function defineHeld() {
  let isOpen = false;
  const waiting: (() => void)[] = [];
  return {
    open: () => {
      isOpen = true;
      for (const resolve of waiting) resolve();
    },
    wait: async <T>(value: T): Promise<T> => {
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      return value;
    },
  };
}
