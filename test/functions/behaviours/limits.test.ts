/** How much a run takes. */

import { describe, expect, it } from 'vitest';
import { defineAction, type TaskFailed, workflow } from '../../../src/index.ts';
import { places, stageOn } from './stage.ts';

const one = workflow('one', async (_run, { n }: { n: number }) => n);

describe.each(places)('given functions that do a lot, on %s', (place) => {
  const stage = stageOn(place);

  it('when a run makes 10,000 calls, then it gets to its end', async () => {
    const pawl = await stage.open();
    const long = workflow('long', async (run) => {
      let sum = 0;
      for (let n = 0; n < 100; n += 1)
        for (const given of await run.map(Array.from({ length: 100 }), () => run.step('s', () => 1))) sum += given;
      return sum;
    });
    expect((await pawl.run(long)).output).toBe(10_000);
  });

  it('when results are of a mebibyte, then they come as they are, and after a restart', async () => {
    const text = 'ä'.repeat(1024 * 512);
    const large = workflow('large', async (run) => {
      const given = await run.step('s', () => ({ text }));
      await run.signal('go');
      return given;
    });
    let pawl = await stage.open([large]);
    await pawl.start(large, {}, { id: 'one' });
    pawl = await stage.takeOver([large]);
    await pawl.handle('one').signal('go', text);
    expect((await pawl.handle('one').result()).output).toEqual({ text });
  });

  it('when a result is larger than what is kept, then the call fails and says the limit', async () => {
    const pawl = await stage.open();
    const large = workflow('large', (run) =>
      run.step('s', () => 'x'.repeat(17 * 1024 * 1024)).catch((error: TaskFailed) => error.message),
    );
    expect((await pawl.run(large)).output).toMatch(/16 MiB/);
  });

  it('when a run has 1,000 children, then each gives its own', async () => {
    const parent = workflow('parent', async (run) =>
      (
        await run.map(
          Array.from({ length: 1_000 }, (_, n) => n),
          (n) => run.child(one, { n }),
        )
      ).reduce((a, b) => a + b),
    );
    const pawl = await stage.open([one, parent]);
    expect((await pawl.run(parent)).output).toBe(499_500);
  });

  it('when 10,000 signals come before anybody waits, then all are taken in their order', async () => {
    const pawl = await stage.open();
    const takes = workflow('takes', async (run) => {
      await run.signal('begin');
      for (let n = 0; n < 10_000; n += 1) if ((await run.signal('n')) !== n) return `not ${n}`;
      return 'all';
    });
    const handle = await pawl.start(takes);
    await Promise.all(Array.from({ length: 10_000 }, (_, n) => handle.signal('n', n)));
    await handle.signal('begin');
    expect((await handle.result()).output).toBe('all');
  });

  it('when 2,000 updates are asked of one run, then each is answered once', async () => {
    const pawl = await stage.open();
    const counts = workflow('counts', async (run) => {
      let n = 0;
      run.update('add', () => {
        n += 1;
        return n;
      });
      await run.signal('end');
      return n;
    });
    const handle = await pawl.start(counts);
    const answers = await Promise.all(Array.from({ length: 2_000 }, () => handle.update('add')));
    expect(new Set(answers).size).toBe(2_000);
    await handle.signal('end');
    expect((await handle.result()).output).toBe(2_000);
  });

  it('when 2,000 tasks are under way at the same time, then the slots are kept and all end', async () => {
    let under = 0;
    let most = 0;
    const work = defineAction({
      name: 'work',
      handler: async () => {
        under += 1;
        most = Math.max(most, under);
        await new Promise((resolve) => setImmediate(resolve));
        under -= 1;
      },
    });
    const pawl = await stage.open([], [work], { concurrency: 50 });
    const maps = workflow(
      'maps',
      async (run) => (await run.map(Array.from({ length: 2_000 }), () => run.task('work', {}))).length,
    );
    expect((await pawl.run(maps)).output).toBe(2_000);
    expect(most).toBeLessThanOrEqual(50);
  });

  it('when text is of every kind, then it comes as it was', async () => {
    const pawl = await stage.open();
    const texts = ['\u0000', '\u2028', '🐾', '"\\', 'ö'.normalize('NFD'), '\ud800', 'a\r\nb', '\uFEFF'];
    const echo = workflow('echo', (run, given: { texts: string[] }) => run.step('s', () => given.texts));
    expect((await pawl.run(echo, { texts })).output).toEqual(texts);
  });

  it('when numbers are of every kind, then they come as they were, but for the sign of zero', async () => {
    const pawl = await stage.open();
    const numbers = [0, 1e308, 5e-324, 2 ** 53 + 2, -1.5, 0.1 + 0.2];
    const echo = workflow('echo', (run, given: { numbers: number[] }) => run.step('s', () => given.numbers));
    expect((await pawl.run(echo, { numbers })).output).toEqual(numbers);
  });
});
