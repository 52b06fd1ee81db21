/** The engine for users' tests: time that skips, mocks, calls that are written down, a process that dies. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { ActionError, dag, defineAction, TaskFailed, workflow } from '../../src/index.ts';
import { createTestPawl, hangs, sequence, type TestPawlOptions } from '../../src/testing/index.ts';

const day = 86_400_000;
const opened: { close(): Promise<void> }[] = [];

async function open(options: TestPawlOptions = {}) {
  const pawl = await createTestPawl({ patienceMs: 100, ...options });
  opened.push(pawl);
  return pawl;
}

afterEach(async () => {
  for (const pawl of opened.splice(0)) await pawl.close();
  vi.useRealTimers();
});

const charge = defineAction<{ euros: number }, { receipt: string }>({
  name: 'shop.charge',
  handler: () => {
    throw new Error('a test must not charge anybody');
  },
});

describe('given workflows that wait', () => {
  it('when one sleeps for a year, then its result comes at once and the year has passed', async () => {
    const sleeper = workflow('sleeper', async (run) => {
      const before = run.now;
      await run.sleep('365d');
      return run.now - before;
    });
    const pawl = await open();
    const began = pawl.now;
    expect((await pawl.run(sleeper)).output).toBe(365 * day);
    expect(pawl.now - began).toBe(365 * day);
  });

  it('when nobody awaits, then time stands', async () => {
    const sleeper = workflow('sleeper', async (run) => run.sleep('1d'));
    const pawl = await open();
    const began = pawl.now;
    const handle = await pawl.start(sleeper);
    const result = handle.result();
    await pawl.quiet();
    expect(pawl.now).toBe(began);
    expect((await result).status).toBe('succeeded');
  });

  it('when time is moved by hand, then each thing due happens at its own instant, and no later one', async () => {
    const seen: number[] = [];
    const daily = workflow('daily', async (run) => {
      for (let day = 0; day < 5; day += 1) {
        await run.sleep('1d');
        await run.step('note', () => void seen.push(run.now));
      }
    });
    const pawl = await open();
    const began = pawl.now;
    const handle = await pawl.start(daily);
    await pawl.advance('60h');
    expect(seen.map((at) => at - began)).toEqual([day, 2 * day]);
    expect(pawl.now - began).toBe(2.5 * day);
    expect((await handle.state()).status).toBe('running');
  });

  it('when it waits for a signal with a timeout, then the test may stand in between, and send it or not', async () => {
    const waits = workflow('waits', async (run) => (await run.signal('packed', { timeout: '3d' })) ?? 'too late');
    const pawl = await open();
    const one = await pawl.start(waits, {}, { id: 'one' });
    const two = await pawl.start(waits, {}, { id: 'two' });
    const results = [one.result(), two.result()];
    await pawl.advance('2d');
    await one.signal('packed', 'in time');
    expect((await Promise.all(results)).map(({ output }) => output)).toEqual(['in time', 'too late']);
  });

  it('when it begins at a date, then that is the time it is', async () => {
    const when = workflow('when', async (run) => new Date(run.now).toISOString());
    const pawl = await open({ now: '2031-02-28T23:00:00Z' });
    expect((await pawl.run(when)).output).toBe('2031-02-28T23:00:00.000Z');
    await pawl.advanceTo(new Date('2031-03-01T00:00:00Z'));
    expect((await pawl.run(when)).output).toBe('2031-03-01T00:00:00.000Z');
  });

  it.each([
    ['now', () => createTestPawl({ now: 'tomorrow' })],
    ['a duration', async () => (await open()).advance('3 weeks')],
    ['a duration back', async () => (await open()).advance(-1)],
    ['a date back', async () => (await open()).advanceTo('1999-01-01')],
  ])('when %s is none, then that is refused', async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('when a run can never end, then whoever waits is told what it waits for', async () => {
    const waits = workflow('waits', async (run) => run.signal('packed'));
    const pawl = await open();
    await expect(pawl.run(waits, {}, { id: 'one' })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/run "one".*waits for the signal "packed"/),
    });
  });

  it('when a run was set aside, then whoever waits is told why', async () => {
    const broken = workflow('broken', async (run) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await run.sleep(1);
    });
    const pawl = await open();
    await expect(pawl.run(broken)).rejects.toMatchObject({ message: expect.stringMatching(/blocked.*step/) });
  });

  it('when a run sleeps for ever, then whoever waits is told so', async () => {
    const forever = workflow('forever', async (run) => {
      for (;;) await run.sleep('1d');
    });
    const pawl = await open({ limits: { durationMs: 30 * day } });
    expect((await pawl.run(forever)).errors[0]?.kind).toBe('limit');
  });

  it('when a run goes on for ever, then whoever waits is told that time moved and moved', async () => {
    const forever = workflow('forever', async (run) => {
      for (;;) await run.child(sleeps);
    });
    const sleeps = workflow('sleeps', async (run) => run.sleep('1d'));
    const pawl = await open({ workflows: [sleeps] });
    await expect(pawl.run(forever)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/time moved 20000 times, and it has not ended/),
    });
  });

  it('when an update takes time to answer, then awaiting the answer skips it', async () => {
    const cart = workflow('cart', async (run) => {
      run.update('add', async (item: unknown) => {
        await run.sleep('2h');
        return `added ${item}`;
      });
      await run.signal('done');
    });
    const pawl = await open();
    const handle = await pawl.start(cart);
    const [began, answer] = [pawl.now, handle.update('add', 'tea')];
    await pawl.quiet();
    expect(pawl.now).toBe(began);
    expect(await answer).toBe('added tea');
    expect(pawl.now - began).toBe(2 * 3_600_000);
  });

  it('when an attempt was handed over, then time passes until its token is answered or its timeout strikes', async () => {
    const tokens: string[] = [];
    const hands = workflow('hands', async (run) => {
      const first = await run.step('first', ({ token, handOver }) => {
        tokens.push(token);
        return handOver();
      });
      const second = run.step('second', ({ handOver }) => handOver(), { timeout: '5d' });
      return [first, await second.catch((error: unknown) => (error as TaskFailed).kind)];
    });
    const pawl = await open();
    const handle = await pawl.start(hands);
    await pawl.advance('1d');
    await pawl.complete(tokens[0]!, 'by hand');
    expect((await handle.result()).output).toEqual(['by hand', 'timeout']);
  });

  it('when years are skipped, then runs that ended are still there, unless they are to be removed', async () => {
    const quick = workflow('quick', async () => 'done');
    const sleeper = workflow('sleeper', async (run) => run.sleep('90d'));
    const pawl = await open();
    await pawl.run(quick, {}, { id: 'one' });
    await pawl.run(sleeper);
    expect((await pawl.handle('one').result()).output).toBe('done');
    const removing = await open({ retention: { after: '30d' } });
    await removing.run(quick, {}, { id: 'one' });
    await removing.run(sleeper);
    await expect(removing.handle('one').result()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('when a step takes real time, then no time passes meanwhile and its timeout does not strike', async () => {
    const slow = workflow('slow', async (run) => {
      const took = await run.step('work', () => new Promise((resolve) => setTimeout(() => resolve('done'), 40)), {
        timeout: '1s',
      });
      return [took, run.now];
    });
    const pawl = await open();
    const began = pawl.now;
    expect((await pawl.run(slow)).output).toEqual(['done', began]);
  });

  it('when time is skipped by hand only, then a result does not move it', async () => {
    const sleeper = workflow('sleeper', async (run) => run.sleep('1d'));
    const pawl = await open({ skipTime: false });
    const handle = await pawl.start(sleeper);
    let ended = false;
    const result = handle.result().then(() => {
      ended = true;
    });
    await pawl.advance('23h');
    expect(ended).toBe(false);
    await pawl.advance('1h');
    await result;
  });

  it('when a test has put fake timers in place, then the engine runs all the same', async () => {
    vi.useFakeTimers();
    const pawl = await open();
    expect((await pawl.run(workflow('sleeper', async (run) => run.sleep('9d')))).status).toBe('succeeded');
  });
});

describe('given mocks', () => {
  const pay = workflow('pay', async (run, { euros }: { euros: number }) => {
    const { receipt } = await run.task(charge, { euros }, { retry: { count: 2, delay: '1h' } });
    const label = await run.step('print', () => {
      throw new Error('a test must not print');
    });
    return { receipt, label };
  });

  it('when values and functions stand in, then they are what the calls give, and what was asked is written down', async () => {
    const pawl = await open({
      actions: [charge],
      mocks: { 'shop.charge': ({ euros }: { euros: number }) => ({ receipt: `for ${euros}` }), print: 'a label' },
    });
    const { output } = await pawl.run(pay, { euros: 30 }, { id: 'one' });
    expect(output).toEqual({ receipt: 'for 30', label: 'a label' });
    expect(pawl.inputs('shop.charge')).toEqual([{ euros: 30 }]);
    expect(pawl.calls('print')).toMatchObject([
      { run: 'one', name: 'print', action: undefined, attempt: 1, outcome: { status: 'succeeded', output: 'a label' } },
    ]);
    expect(pawl.calls().map(({ name }) => name)).toEqual(['shop.charge', 'print']);
  });

  it('when errors and values stand in in turn, then retries meet them in that order', async () => {
    const pawl = await open({
      actions: [charge],
      mocks: { 'shop.charge': sequence(new Error('no line'), new Error('busy'), { receipt: 'r' }), print: null },
    });
    const began = pawl.now;
    expect((await pawl.run(pay, { euros: 1 })).output).toEqual({ receipt: 'r', label: null });
    expect(pawl.calls('shop.charge').map(({ attempt, outcome }) => [attempt, outcome?.status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'succeeded'],
    ]);
    expect(new Set(pawl.calls('shop.charge').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(pawl.now - began).toBe(2 * 3_600_000);
  });

  it('when a sequence is used up, then the call fails and says so', async () => {
    const twice = workflow('twice', async (run) => {
      await run.step('a', () => 1);
      await run.step('a', () => 2);
    });
    const pawl = await open({ mocks: { a: sequence('only') } });
    const { status, errors } = await pawl.run(twice);
    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ kind: 'mock_exhausted', message: expect.stringContaining('"a" has 1 answers') });
  });

  it('when an error of a kind stands in, then the workflow meets that kind', async () => {
    const kinds = workflow('kinds', async (run) => {
      try {
        await run.task(charge, { euros: 1 });
      } catch (error) {
        return error instanceof TaskFailed ? error.kind : 'other';
      }
    });
    const pawl = await open({
      actions: [charge],
      mocks: { 'shop.charge': new ActionError('no', { kind: 'card_declined', retryable: false }) },
    });
    expect((await pawl.run(kinds)).output).toBe('card_declined');
  });

  it('when a call hangs, then its timeout strikes in skipped time', async () => {
    const waits = workflow('waits', async (run) => {
      try {
        await run.step('never', () => 1, { timeout: '1h' });
      } catch (error) {
        return error instanceof TaskFailed ? error.kind : 'other';
      }
    });
    const pawl = await open({ mocks: { never: hangs }, patienceMs: 60_000 });
    const began = pawl.now;
    expect((await pawl.run(waits)).output).toBe('timeout');
    expect(pawl.now - began).toBe(3_600_000);
  });

  it('when an action has a mock alone, then it need not be there; nor a built-in one', async () => {
    const calls = workflow('calls', async (run) => [
      await run.task('mail.send', { to: 'ada' }),
      await run.task('core.http', { url: 'https://example.com' }),
    ]);
    const pawl = await open({ mocks: { 'mail.send': 'sent', 'core.http': { status: 200 } } });
    expect((await pawl.run(calls)).output).toEqual(['sent', { status: 200 }]);
  });

  it('when the call has a name of its own, then a mock of that name comes before one of the action', async () => {
    const calls = workflow('calls', async (run) => [
      await run.task('mail.send', {}, { name: 'the first' }),
      await run.task('mail.send', {}),
    ]);
    const pawl = await open({ mocks: { 'mail.send': 'by the action', 'the first': 'by its name' } });
    expect((await pawl.run(calls)).output).toEqual(['by its name', 'by the action']);
    expect(pawl.calls('mail.send')).toHaveLength(2);
  });

  it('when a mock gives what is not as the schema of the action says, then the call fails as it would with the action', async () => {
    const { z } = await import('zod');
    const strict = defineAction({ name: 'strict', output: z.object({ n: z.number() }), handler: () => ({ n: 1 }) });
    const calls = workflow('calls', async (run) => run.task(strict, null));
    const pawl = await open({ actions: [strict], mocks: { strict: { n: 'one' } } });
    expect((await pawl.run(calls)).errors[0]?.kind).toBe('invalid_output');
  });

  it('when tasks of a graph have mocks, then those stand in for their code', async () => {
    const order = dag('order')
      .task('price', { run: () => ({ cents: 1 }) })
      .task('pay', { needs: ['price'], run: ({ price }) => price.cents })
      .output(['pay'], ({ pay }) => ({ paid: pay }));
    const pawl = await open({ mocks: { price: { cents: 42 } } });
    expect((await pawl.run(order)).output).toEqual({ paid: 42 });
    expect(pawl.calls('pay')).toHaveLength(1);
  });

  it('when tasks of a document have mocks, then those stand in', async () => {
    const text =
      'version: 1.0\ntasks:\n  get: { action: core.http, input: { url: "http://x" }, next: [{ publish: [{ got: <% result() %> }] }] }\noutput:\n  - got: <% ctx(got) %>\n';
    const pawl = await open({ mocks: { get: 'mocked', 'core.http': null } });
    expect((await pawl.run(pawl.workflow(text))).output).toEqual({ got: 'mocked' });
  });
});

describe('given a process that dies', () => {
  const packs = workflow('packs', async (run) => {
    const first = await run.step('first', () => 'once');
    const by = await run.signal<string>('packed');
    return { first, by, last: await run.step('last', () => 'after') };
  });

  it('when another takes over, then what was recorded is not made again, and time and calls go on', async () => {
    const pawl = await open();
    await pawl.start(packs, {}, { id: 'one' });
    await pawl.advance('1h');
    const next = await pawl.crash({ workflows: [packs] });
    opened.push(next);
    expect(next.now).toBe(pawl.now);
    await next.handle('one').signal('packed', 'Ada');
    expect((await next.handle('one').result()).output).toEqual({ first: 'once', by: 'Ada', last: 'after' });
    expect(next.calls().map(({ name }) => name)).toEqual(['first', 'last']);
  });

  it('when it dies under an attempt, then the attempt is made again, and what a sequence gave it does not count twice', async () => {
    const slow = workflow('slow', async (run) => {
      const a = await run.step('a', () => 1);
      return [a, await run.step('b', () => 2)];
    });
    const pawl = await open({ mocks: { a: sequence('a1', 'a2'), b: hangs }, workflows: [slow] });
    await pawl.start(slow, {}, { id: 'one' });
    await pawl.quiet();
    const next = await pawl.crash();
    opened.push(next);
    await next.quiet();
    expect(next.calls('a')).toHaveLength(1);
    expect(next.calls('b').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('when a result is awaited of a process that dies, then that is said, and the next one has it', async () => {
    const pawl = await open({ workflows: [packs] });
    const handle = await pawl.start(packs, {}, { id: 'one' });
    const lost = expect(handle.result()).rejects.toMatchObject({ code: 'closed' });
    await pawl.quiet();
    const next = await pawl.crash();
    opened.push(next);
    await lost;
    await next.handle('one').signal('packed', 'Ada');
    await expect(next.handle('one').result()).resolves.toMatchObject({ status: 'succeeded' });
  });

  it('when a transaction was committed before it dies, then what it wrote is there after, once', async () => {
    const books = workflow('books', async (run) => {
      await run.transaction('open', (sql) => sql.run('CREATE TABLE entries (cents INTEGER)'));
      await run.transaction('book', (sql) => sql.run('INSERT INTO entries VALUES (5)'));
      return run.signal('go');
    });
    const pawl = await open({ workflows: [books] });
    await pawl.start(books, {}, { id: 'one' });
    await pawl.quiet();
    const next = await pawl.crash();
    opened.push(next);
    await next.handle('one').signal('go');
    await next.handle('one').result();
    expect(await next.transaction((sql) => sql.get('SELECT count(*) AS entries FROM entries'))).toEqual({ entries: 1 });
  });

  it('when other code takes over, then runs go on with it', async () => {
    const other = workflow('packs', async (run) => {
      await run.step('first', () => 'not called');
      return `the new way, ${await run.signal('packed')}`;
    });
    const pawl = await open({ workflows: [packs] });
    await pawl.start(packs, {}, { id: 'one' });
    await pawl.quiet();
    const next = await pawl.crash({ workflows: [other] });
    opened.push(next);
    await next.handle('one').signal('packed', 'Ada');
    expect((await next.handle('one').result()).output).toBe('the new way, Ada');
  });

  it('when the same test is run twice, then ids, seeds and results are the same', async () => {
    const draws = workflow('draws', async (run) => [run.id, run.uuid(), run.random(), run.now]);
    const [one, two] = [await open(), await open()];
    expect((await one.run(draws)).output).toEqual((await two.run(draws)).output);
    const other = await open({ seed: 1 });
    expect((await other.run(draws)).output).not.toEqual((await one.run(draws)).output);
  });
});
