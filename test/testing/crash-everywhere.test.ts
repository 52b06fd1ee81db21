/** Workflows that bear a crash at any place, and faults that are found because they do not. */

import { describe, expect, it } from 'vitest';
import { ActionError, dag, defineAction, type RunContext, type TaskFailed, workflow } from '../../src/index.ts';
import { type CrashOptions, crashEverywhere, createTestPawl, hangs, sequence } from '../../src/testing/index.ts';

/** A payment service that charges once for each key, and one that does not look at keys. */
class Bank {
  readonly charged = new Map<string, number>();
  charge(key: string, cents: number): string {
    this.charged.set(key, cents);
    return `receipt ${this.charged.size}`;
  }
  get total(): number {
    return [...this.charged.values()].reduce((sum, cents) => sum + cents, 0);
  }
}

const bank = new Bank();
const charge = defineAction<{ cents: number }, string>({
  name: 'bank.charge',
  handler: ({ cents }, { idempotencyKey }) => bank.charge(idempotencyKey, cents),
});
const refund = defineAction<{ cents: number }, string>({
  name: 'bank.refund',
  handler: ({ cents }, { idempotencyKey }) => bank.charge(idempotencyKey, -cents),
});
const withBank = { actions: [charge, refund], before: () => bank.charged.clear(), world: () => bank.total } as const;

type Body = (run: RunContext) => unknown;

const faulty = (body: Body) => workflow('faulty', async (run) => body(run));

async function failureOf(
  work: Promise<unknown>,
): Promise<Error & { code?: string; details?: Record<string, unknown> }> {
  return work.then(
    () => expect.fail('it passed'),
    (error: unknown) => error as Error,
  );
}

describe('given a workflow that bears a crash anywhere', () => {
  it('when it is crashed everywhere, then all places are tried and each comes to the same', async () => {
    const checkout = workflow('checkout', async (run, { cents }: { cents: number }) => {
      const receipt = await run.task(charge, { cents });
      const packed = await run.signal<string>('packed', { timeout: '3d' });
      await run.sleep('1d');
      const label = await run.step('print', ({ idempotencyKey }) => `${idempotencyKey}: ${packed}`);
      return { receipt, label, at: run.now };
    });
    const report = await crashEverywhere(checkout, {
      ...withBank,
      input: { cents: 100 },
      signals: [{ name: 'packed', payload: 'by Ada' }],
    });
    expect(report.result).toMatchObject({ status: 'succeeded', output: { receipt: 'receipt 1' } });
    expect(report.effects).toBe(2);
    expect(report.places.filter((place) => place.startsWith('commit:'))).toHaveLength(report.commits);
    expect(report.places.filter((place) => place.startsWith('effect:'))).toEqual(['effect:1', 'effect:2']);
    expect(report.places.filter((place) => place.startsWith('early:')).length).toBeGreaterThan(0);
    expect(report).toMatchObject({ repeated: [], varying: [], notReached: [], leftOut: 0 });
  });

  it('when it fails and undoes what it did, then it fails and undoes everywhere', async () => {
    const trip = workflow('trip', async (run) => {
      await run.task(charge, { cents: 500 });
      run.compensate(() => run.task(refund, { cents: 500 }));
      await run.task('hotel.book', {}, { retry: { count: 2, delay: '1h' } });
    });
    const report = await crashEverywhere(trip, { ...withBank, mocks: { 'hotel.book': new Error('full') } });
    expect(report.result.status).toBe('failed');
    expect(bank.total).toBe(0);
  });

  it('when steps give ids and times, then what they gave first holds everywhere', async () => {
    const draws = workflow('draws', async (run) => {
      const id = await run.step('id', ({ idempotencyKey }) => idempotencyKey + Math.random());
      const at = await run.step('time', () => process.hrtime.bigint().toString());
      return { id, at, again: await run.step('echo', () => id) };
    });
    const report = await crashEverywhere(draws, { repeatable: ['time', 'echo'] });
    expect(report.varying.toSorted()).toEqual(['id', 'time']);
  });

  it('when much runs at the same time, then results in other orders are tried as well', async () => {
    const fans = workflow('fans', async (run) => {
      const all = await run.all([
        () => run.step('a', ({ idempotencyKey: _ }) => 'a'),
        () => run.step('b', ({ idempotencyKey: _ }) => 'b'),
        () => run.step('c', ({ idempotencyKey: _ }) => 'c'),
      ]);
      const mapped = await run.map([1, 2, 3, 4], (n) => run.task('twice', { n }), { width: 2 });
      return { all, mapped };
    });
    const report = await crashEverywhere(fans, {
      mocks: { twice: ({ n }: { n: number }) => 2 * n },
      repeatable: ['twice'],
    });
    expect(report.result.output).toEqual({ all: ['a', 'b', 'c'], mapped: [2, 4, 6, 8] });
    expect(report.places).toEqual(expect.arrayContaining(['order:reversed', 'order:rotated', 'order:shuffled']));
  });

  it('when attempts fail and are tried again, hang until their timeout, or ask people, then that is the same everywhere', async () => {
    const hard = workflow('hard', async (run) => {
      const flaky = await run.task('flaky', {}, { retry: { count: 3, delay: '10m', jitter: 0.5 } });
      const slow = await run.task('slow', {}, { timeout: '1h' }).catch((error) => (error as TaskFailed).kind);
      const said = await run.ask('sure', 'are you sure?');
      return { flaky, slow, said };
    });
    const report = await crashEverywhere(hard, {
      mocks: { flaky: sequence(new Error('one'), new ActionError('two'), 'three'), slow: hangs },
      answers: { sure: 'yes' },
      patienceMs: 60_000,
    });
    expect(report.result.output).toEqual({ flaky: 'three', slow: 'timeout', said: 'yes' });
  });

  it('when it has children, then those are crashed too', async () => {
    const child = workflow('child', async (run, { n }: { n: number }) => {
      await run.sleep('1h');
      return run.step('double', ({ idempotencyKey: _ }) => 2 * n);
    });
    const parent = workflow('parent', async (run) => run.all([1, 2].map((n) => () => run.child(child, { n }))));
    const report = await crashEverywhere(parent, { workflows: [child] });
    expect(report.result.output).toEqual([2, 4]);
    expect(report.effects).toBe(2);
  });

  it('when a signal has a time, then it comes at that time everywhere', async () => {
    const reminds = workflow('reminds', async (run) => {
      for (let reminders = 0; ; reminders += 1) {
        const answer = await run.signal('approve', { timeout: '1d' });
        if (answer !== undefined) return { answer, reminders };
        await run.task('mail.send', {});
      }
    });
    const report = await crashEverywhere(reminds, {
      mocks: { 'mail.send': 'sent' },
      signals: [{ name: 'approve', payload: true, after: '60h' }],
    });
    expect(report.result.output).toEqual({ answer: true, reminders: 2 });
  });

  it('when it takes signals one after the other, then they keep their order', async () => {
    const counts = workflow('counts', async (run) => {
      const got: unknown[] = [];
      for await (const n of run.signals('n')) {
        got.push(n);
        await run.step(`took ${n}`, ({ idempotencyKey: _ }) => null);
        if (got.length === 3) return got;
      }
    });
    const signals = [1, 2, 3].map((payload) => ({ name: 'n', payload }));
    expect((await crashEverywhere(counts, { signals })).result.output).toEqual([1, 2, 3]);
  });

  it('when it is a graph, then the same is tried with it', async () => {
    const order = dag('order')
      .task('price', { run: (_input, { idempotencyKey: _ }) => ({ cents: 1250 }) })
      .task('reserve', { run: (_input, { idempotencyKey: _ }) => 'r1' })
      .task('pay', {
        needs: ['price', 'reserve'],
        run: ({ price }, { idempotencyKey }) => bank.charge(idempotencyKey, price.cents),
      })
      .output(['pay'], ({ pay }) => ({ paid: pay }));
    const { before, world } = withBank;
    const report = await crashEverywhere(order, { before, world });
    expect(report.result.output).toEqual({ paid: 'receipt 1' });
    expect(report.effects).toBe(3);
  });
});

describe('given a workflow with a fault', () => {
  const failing = ({ body, ...options }: Omit<CrashOptions, 'input'> & { readonly body: Body }) =>
    failureOf(crashEverywhere(faulty(body), options));

  it('when it draws a number outside of steps, then that is found', async () => {
    const { code, message, details } = await failing({
      body: async (run) => {
        await run.step('a', ({ idempotencyKey: _ }) => 1);
        return Math.random();
      },
    });
    expect(code).toBe('failed');
    expect(details).toMatchObject({ place: 'again', what: 'it comes to another result' });
    expect(message).toMatch(/a clock, randomness or a variable outside of steps/);
  });

  it('when what it gives a task is drawn outside of steps, then that is found', async () => {
    const { details } = await failing({
      body: async (run) => {
        await run.task('mail.send', { code: Math.random() });
      },
      mocks: { 'mail.send': 'sent' },
    });
    expect(details).toMatchObject({ place: 'again', what: '"mail.send" is given something else' });
  });

  it('when it counts in a variable of its module, then the place of the crash is named in its terms', async () => {
    let count = 0;
    const { message, details } = await failing({
      before: () => {
        count = 0;
      },
      body: async (run) => {
        count += 1;
        await run.step('work', ({ idempotencyKey: _ }) => 1);
        return count;
      },
    });
    expect(details).toMatchObject({ place: 'commit:1', what: 'it comes to another result' });
    expect(message).toMatch(/the process dies right after its start was kept, call 0, the step "work" was made/);
    expect(message).toMatch(/with: +{ status: 'succeeded', output: 2 }/);
    expect(message).toMatch(/only: 'commit:1'/);
  });

  it('when a variable makes it call something else after a crash, then both calls are named', async () => {
    let isWarm = false;
    const { details } = await failing({
      before: () => {
        isWarm = false;
      },
      body: async (run) => {
        if (!isWarm) await run.step('warm up', ({ idempotencyKey: _ }) => 1);
        isWarm = true;
        await run.step('work', ({ idempotencyKey: _ }) => 2);
      },
    });
    expect(details).toMatchObject({ what: 'it comes to no end' });
    expect(details?.found).toMatch(/the step "warm up", and the code now has the step "work" there/);
  });

  it('when a step has an effect and does not use its key, then it is named with the place', async () => {
    let charges = 0;
    const body: Body = async (run) => {
      await run.step('charge', () => {
        charges += 1;
        return 'paid';
      });
    };
    const { message, details } = await failing({ body });
    expect(details).toMatchObject({ place: 'effect:1', where: expect.stringContaining('call 0, the step "charge"') });
    expect(message).toMatch(/before its result was kept: "charge" was done 2 times under one key/);
    expect(message).toMatch(/repeatable: \['charge'\]/);

    const report = await crashEverywhere(faulty(body), { effects: 'any' });
    expect(report.repeated).toEqual(['charge']);
    await crashEverywhere(faulty(body), { repeatable: ['charge'] });

    const before = () => {
      charges = 0;
    };
    const counted = await failing({ body, effects: 'any', before, world: () => charges });
    expect(counted.details).toMatchObject({
      place: 'effect:1',
      what: 'the world outside is another',
      expected: 1,
      found: 2,
    });
  });

  it('when a step asks for its key and does not hand it on, then only the world outside shows it', async () => {
    const sent: string[] = [];
    const { details } = await failing({
      before: () => sent.splice(0),
      world: () => sent,
      body: async (run) => {
        await run.step('mail', ({ idempotencyKey }) => void sent.push(idempotencyKey));
      },
    });
    expect(details).toMatchObject({ what: 'the world outside is another' });
  });

  it('when it does not keep a signal that comes early, then that is found', async () => {
    const { details } = await failing({
      signals: [{ name: 'paid', payload: 100 }],
      body: async (run) => {
        const stale = run.cancelable(() => run.signal('paid'));
        await run.step('prepare', ({ idempotencyKey: _ }) => 1);
        stale.cancel();
        await stale.result.catch(() => {});
        return (await run.signal('paid', { timeout: '1d' })) ?? 'nobody paid';
      },
    });
    expect(details).toMatchObject({ place: expect.stringMatching(/^early:0@\d$/), what: 'it comes to another result' });
    expect(details?.where).toMatch(/the signal "paid" comes early, right after /);
  });

  it('when its result depends on who is first, then that is found unless it is meant', async () => {
    const body: Body = async (run) => {
      const order: string[] = [];
      const one = (name: string) => async () => {
        await run.step(name, ({ idempotencyKey: _ }) => name);
        order.push(name);
      };
      await run.all([one('a'), one('b')]);
      return order;
    };
    const { message, details } = await failing({ body });
    expect(details).toMatchObject({
      place: 'order:reversed',
      expected: { output: ['a', 'b'] },
      found: { output: ['b', 'a'] },
    });
    expect(message).toMatch(/order: 'kept'/);
    expect((await crashEverywhere(faulty(body), { order: 'kept' })).result.output).toEqual(['a', 'b']);
  });

  it('when it waits for what nobody sends, then that is said before anything is crashed', async () => {
    const { code, message } = await failing({ body: (run) => run.signal('packed') });
    expect(code).toBe('timeout');
    expect(message).toMatch(/waits for the signal "packed" \(give it in `signals`\)/);
  });

  it('when one place is tried alone, then it is that one; and one that is not there is refused', async () => {
    const fine = workflow('fine', async (run) => run.step('a', ({ idempotencyKey: _ }) => 1));
    expect((await crashEverywhere(fine, { only: 'effect:1' })).places).toEqual(['effect:1']);
    expect(await failureOf(crashEverywhere(fine, { only: 'effect:9' }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(/there are commit:1, .*effect:1/),
    });
  });

  it('when there are more places than asked for, then they are spread and the others counted', async () => {
    const many = workflow('many', async (run) => {
      for (let n = 0; n < 20; n += 1) await run.step('a', ({ idempotencyKey: _ }) => n);
    });
    const report = await crashEverywhere(many, { placesMax: 10 });
    expect(report.places).toHaveLength(10);
    expect(report.leftOut).toBe(report.commits + report.effects - 10);
  });
});

describe('given what a function may do besides', () => {
  it('when clients ask for changes, then the answers are the same everywhere', async () => {
    const cart = workflow('cart', async (run) => {
      const items: string[] = [];
      run.update('add', async (item: unknown) => {
        await run.task('stock.reserve', { item: String(item) });
        items.push(String(item));
        return items.length;
      });
      await run.signal('checkout');
      return items;
    });
    const report = await crashEverywhere(cart, {
      mocks: { 'stock.reserve': 'reserved' },
      updates: [
        { name: 'add', input: 'tea' },
        { name: 'add', input: 'jam' },
      ],
      signals: [{ name: 'checkout', after: '1h' }],
    });
    expect(report.result.output).toEqual(['tea', 'jam']);
  });

  it('when it writes by transactions, then those happen once, without a key', async () => {
    const books = workflow('books', async (run) => {
      await run.transaction('open', (sql) => sql.run('CREATE TABLE IF NOT EXISTS entries (cents INTEGER)'));
      for (const cents of [100, 20, 3])
        await run.transaction(`book ${cents}`, (sql) => sql.run('INSERT INTO entries VALUES (?)', cents));
      await run.step('tell', ({ idempotencyKey: _ }) => null);
      return run.transaction('sum', (sql) => sql.get('SELECT sum(cents) AS cents FROM entries')?.cents ?? 0);
    });
    const report = await crashEverywhere(books, {});
    expect(report.result.output).toBe(123);
  });

  it('when a step is to run once only, then a person or its probe finds out what it came to, and it does', async () => {
    const letters: string[] = [];
    const mails = workflow('mails', async (run) => {
      const first = await run.step('first', () => letters.push('first'), { effect: 'once' });
      const second = await run.step('second', () => letters.push('second'), {
        effect: 'once',
        verify: () =>
          letters.includes('second') ? { happened: true, output: letters.length } : ({ happened: false } as const),
      });
      return { first, second };
    });
    const report = await crashEverywhere(mails, { before: () => letters.splice(0), world: () => letters });
    expect(report.result.output).toEqual({ first: 1, second: 2 });
    expect(letters).toEqual(['first', 'second']);
  });

  it('when it hands out tokens, then their holders answer everywhere', async () => {
    const prints = workflow('prints', async (run) => {
      const { result } = run.callback<{ pages: number }>('printed');
      const handed = await run.step('hand over', ({ idempotencyKey: _, handOver }) => handOver());
      return [await result, handed];
    });
    const report = await crashEverywhere(prints, { answers: { printed: { pages: 3 }, 'hand over': 'taken' } });
    expect(report.result.output).toEqual([{ pages: 3 }, 'taken']);
  });

  it('when a person decides, then that is decided everywhere', async () => {
    const stuck = workflow('stuck', async (run) => run.task('pay', {}, { intervention: true }));
    const report = await crashEverywhere(stuck, {
      mocks: { pay: new Error('no') },
      decisions: { pay: { skip: 'paid in cash' } },
    });
    expect(report.result.output).toBe('paid in cash');
  });

  it('when it begins anew again and again, then that is the same everywhere', async () => {
    const rounds = workflow('rounds', async (run, { round = 0 }: { round?: number }) => {
      await run.step('work', ({ idempotencyKey: _ }) => round);
      await run.sleep('1h');
      return round === 3 ? { round } : run.continueAsNew({ round: round + 1 });
    });
    const report = await crashEverywhere(rounds, { input: {} });
    expect(report.result.output).toEqual({ round: 3 });
    expect(report.effects).toBe(4);
  });
});

describe('given a document', () => {
  it('when it is crashed everywhere, then joins, items, retries, signals and questions bear it', async () => {
    const text = `version: 1.0
match: first
input:
  - names: [a, b, c]
tasks:
  each:
    with: n in <% ctx(names) %>
    action: mail.send
    input: { to: <% item(n) %> }
    next: [{ when: <% succeeded() %>, publish: [{ sent: <% result() %> }], do: [wait, ask] }]
  wait: { action: core.receive, input: { signal: go }, next: [{ do: end }] }
  ask: { action: core.ask, input: { question: "Go on?" }, next: [{ do: end, publish: [{ said: <% result() %> }] }] }
  end: { join: all, action: flaky, retry: { count: 2, delay: 60 }, next: [{ when: <% succeeded() %>, publish: [{ last: <% result() %> }] }] }
output:
  - sent: <% ctx(sent) %>
  - said: <% ctx(said) %>
  - last: <% ctx(last) %>
`;
    const document = (await createTestPawl()).workflow(text);
    const report = await crashEverywhere(document, {
      mocks: { 'mail.send': ({ to }: { to: string }) => `to ${to}`, flaky: sequence(new Error('no'), 'done') },
      repeatable: ['mail.send'],
      signals: [{ name: 'go' }],
      answers: { ask: 'yes' },
    });
    expect(report.result.output).toEqual({ sent: ['to a', 'to b', 'to c'], said: 'yes', last: 'done' });
    expect(report.notReached).toEqual([]);
    expect(report.places).toContain('order:reversed');
  });
});
