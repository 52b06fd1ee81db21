/** The examples of durable functions, in skipped time, with processes that die. */

import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { agent, weather } from '../../examples/functions/agent.ts';
import { approval } from '../../examples/functions/approval.ts';
import { charge, checkout } from '../../examples/functions/checkout.ts';
import { bill, subscription } from '../../examples/functions/subscription.ts';
import { crashEverywhere, createTestPawl, sequence } from '../../src/testing/index.ts';

beforeEach(() => rmSync('examples/out/bank.json', { force: true }));

describe('given the checkout', () => {
  const order = { item: 'lamp', cents: 4_900 };

  it('when the customer moves before it is packed, then the parcel goes there', async () => {
    const pawl = await createTestPawl({ workflows: [checkout], actions: [charge] });
    const run = await pawl.start(checkout, order, { id: 'order-1' });
    await pawl.quiet();
    expect(await run.update('street', 'Elm 5')).toBe('it goes to Elm 5');
    await expect(run.update('street', 'E')).rejects.toMatchObject({ code: 'bad_input' });
    await run.signal('packed', null);
    expect((await run.result()).output).toEqual({ receipt: 'order-1/1', street: 'Elm 5' });
    const rows = await pawl.transaction((sql) => sql.all('SELECT * FROM orders'));
    expect(rows.map((row) => ({ ...row }))).toEqual([{ id: 'order-1', ...order }]);
  });

  it('when nobody packs it, then the card is refunded, and then the shelf is free', async () => {
    const pawl = await createTestPawl({ workflows: [checkout], actions: [charge] });
    expect(await pawl.run(checkout, order)).toMatchObject({ status: 'failed' });
    expect(pawl.calls().map(({ name }) => name)).toEqual(['reserve', 'bank.charge', 'refund', 'release']);
  });

  it('when its process dies anywhere, then the card is charged once', async () => {
    const report = await crashEverywhere(checkout, {
      input: order,
      actions: [charge],
      signals: [{ name: 'packed', payload: null }],
      // Said twice they change nothing.
      repeatable: ['reserve', 'send'],
    });
    expect(report.places.length).toBeGreaterThan(5);
  });
});

describe('given the subscription', () => {
  it('when ten years go by, then each month is billed once, and its history is that of one year', async () => {
    const pawl = await createTestPawl({ workflows: [subscription], actions: [bill], now: '2030-01-15T12:00:00Z' });
    const run = await pawl.start(subscription, { customer: 'ada', cents: 900 }, { id: 'ada' });
    await pawl.advance('730d');
    await run.update('price', 1_000);
    await pawl.advance('2922d');
    await run.signal('cancel');
    expect((await run.result()).output).toEqual({ customer: 'ada', months: 120 });

    const billed = pawl.inputs('billing.bill') as { month: string; cents: number }[];
    expect(new Set(billed.map(({ month }) => month)).size).toBe(120);
    expect(billed.map(({ cents }) => cents)).toEqual([...Array(24).fill(900), ...Array(96).fill(1_000)]);
    expect((await run.state()).renewals).toBe(10);
  });

  it('when a card is declined for days, then it is tried again and billed once', async () => {
    const declined = new Error('declined');
    const pawl = await createTestPawl({
      workflows: [subscription],
      actions: [bill],
      mocks: { 'billing.bill': sequence(declined, declined, { invoice: 'late' }) },
    });
    const run = await pawl.start(subscription, { customer: 'bob', cents: 900 });
    await pawl.advance('35d');
    expect(await run.query('billed')).toBe(1);
    expect(pawl.calls('billing.bill')).toHaveLength(3);
  });
});

describe('given the approval', () => {
  const input = { who: 'Ada', euros: 120 };

  it('when the manager answers, then nobody else is asked', async () => {
    const pawl = await createTestPawl({ workflows: [approval] });
    const run = await pawl.start(approval, input);
    await pawl.advance('1d');
    await run.answer('manager of Ada', { approved: true, by: 'Grace' });
    expect((await run.result()).output).toEqual({ approved: true, by: 'Grace' });
    expect(pawl.calls().map(({ name }) => name)).toEqual(['tell Ada']);
  });

  it('when the manager does not answer, then the director may', async () => {
    const pawl = await createTestPawl({ workflows: [approval] });
    const run = await pawl.start(approval, input);
    await pawl.advance('5d');
    await run.answer('director of Ada', { approved: false, by: 'Joan' });
    expect((await run.result()).output).toEqual({ approved: false, by: 'Joan' });
    expect(pawl.calls().map(({ name }) => name)).toEqual(['tell manager of Ada', 'tell Ada']);
  });

  it('when nobody answers, then it is refused after a week', async () => {
    const pawl = await createTestPawl({ workflows: [approval] });
    const began = pawl.now;
    expect((await pawl.run(approval, input)).output).toEqual({ approved: false, by: 'nobody, in a week' });
    expect(Number(pawl.now) - Number(began)).toBe(7 * 86_400_000);
  });
});

describe('given the agent', () => {
  const question = 'Is it warmer in Turku or in Oulu?';
  const answer = 'It is warmer in Turku: 15 degrees.';

  it('when it is asked, then it calls its tools, and its words are streamed', async () => {
    const pawl = await createTestPawl({ workflows: [agent], actions: [weather] });
    const run = await pawl.start(agent, { question });
    const words: string[] = [];
    for await (const { value } of run.stream('answer')) words.push((value as { token: string }).token);
    expect((await run.result()).output).toEqual({ answer, turns: 2 });
    expect(words.join('')).toBe(`Let me look.${answer}`);
    expect(pawl.inputs('weather')).toEqual([{ city: 'Turku' }, { city: 'Oulu' }]);
  });

  it('when its process is killed anywhere, then it comes to the same answer', async () => {
    const report = await crashEverywhere(agent, {
      input: { question },
      actions: [weather],
      repeatable: ['turn 1', 'turn 2', 'weather'],
    });
    expect(report.places.length).toBeGreaterThan(5);
  });
});
