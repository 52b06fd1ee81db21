/** The table of docs/versions.md: each change of code, what a replay says of it, and what becomes of a run. */

import { describe, expect, it } from 'vitest';
import { workflow } from '../../src/index.ts';
import { createTestPawl, replay } from '../../src/testing/index.ts';
import { readPage } from '../page.ts';
import { type Body, child, codeChanges, otherChild } from './code-changes.ts';

const heading = '| what changed | a run that waits there |';
const { text } = readPage('docs/versions.md');
const rows = text
  .slice(text.indexOf(heading))
  .split('\n\n')[0]!
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split('|').map((cell) => cell.trim()))
  .map(([, change = '', verdict = '']) => [change, verdict] as const);

const mocks = { 'core.echo': 'echo', 'core.other': 'other' };
const changing = (body: Body) =>
  workflow<{ round?: number }, unknown>('changing', async (run, input) => body(run, input));

describe('given a run that waits, and a change of its code', () => {
  it('when the page is read, then it has every change of the list and no other, and 25 at least', () => {
    expect(rows.map(([change]) => change)).toEqual(Object.keys(codeChanges));
    expect(rows.length).toBeGreaterThanOrEqual(25);
  });

  it.each(rows)('when it is %s, then it %s', async (change, documented) => {
    const { before, after, signals = [], updates = [] } = codeChanges[change]!;
    const pawl = await createTestPawl({ workflows: [child, otherChild], mocks });
    const handle = await pawl.start(changing(before), {}, { id: 'one' });
    for (const update of updates) await handle.update(update);
    for (const signal of signals) {
      await pawl.quiet();
      await handle.signal(signal);
    }
    await pawl.quiet();
    if (change.includes('another order') && change.includes('`all`')) await pawl.advance('10ms');
    const history = await handle.history();

    const verdict = await replay(changing(after), JSON.stringify(history));
    const next = await pawl.crash({ workflows: [child, otherChild, changing(after)] });
    await next.quiet();
    const { blocked } = await next.handle('one').state();

    expect(verdict.ok ? 'goes on' : 'stands still').toBe(documented.split(/[,:;]/)[0]);
    expect(blocked === undefined ? 'goes on' : 'stands still').toBe(documented.split(/[,:;]/)[0]);
    if (!verdict.ok) expect(blocked).toBe(verdict.message.replace('/replayed', ''));
    await next.close();
  });
});
