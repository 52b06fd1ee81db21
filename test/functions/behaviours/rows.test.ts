/** The table of behaviours: each row has cases, each case is there, and the page says the same. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parts, type Row, type Subject, subjects } from './rows.ts';

const named = parts.flatMap(({ rows }) => rows.flatMap((row) => casesOf(row)));

function casesOf(row: Row): [Subject, string][] {
  return Object.entries(row.cases).flatMap(([subject, words]) =>
    words.map((one): [Subject, string] => [subject as Subject, one]),
  );
}

/** Names of tests as they stand in the file, with the `%s` of tables. */
function namesIn(subject: Subject): string[] {
  const text = readFileSync(new URL(subjects[subject], import.meta.url), 'utf8');
  return [...text.matchAll(/(?:\bit|\))\(\s*'(when [^'\n]*)'/g)].map(([, name = '']) => name);
}

/** A name for people: what a table of values fills in is left open. */
function shown(name: string): string {
  return name.replaceAll(/"?%[sj]"?/g, '…').replaceAll('|', '\\|');
}

function page(): string {
  const lines = [
    '# What a durable function does',
    '',
    'What people look for in an engine that runs [durable functions](functions.md), and what happens here. Each sentence is a test that runs with each',
    'change, most of them in memory and on an SQLite file; `…` stands for several values. A process that dies does so without a word.',
    '',
    ...parts.map(
      ({ title }) =>
        `- [${title}](#${title
          .toLowerCase()
          .replaceAll(/[^a-z ]/g, '')
          .replaceAll(' ', '-')})`,
    ),
  ];
  for (const { title, rows } of parts) {
    lines.push('', `## ${title}`, '', '| looked for | what happens |', '| --- | --- |');
    for (const row of rows) {
      const cases = new Set(casesOf(row).map(([, name]) => shown(name)));
      lines.push(`| **${row.lookedFor}** | ${[...cases].join('<br>')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('given the table of behaviours', () => {
  it('when it is read, then each row has cases and none stands twice', () => {
    const rows = parts.flatMap((part) => part.rows);
    expect(rows.filter((row) => casesOf(row).length === 0).map(({ lookedFor }) => lookedFor)).toEqual([]);
    expect(new Set(rows.map(({ lookedFor }) => lookedFor)).size).toBe(rows.length);
    const twice = named.filter(
      ([subject, name], at) => named.findIndex(([s, n]) => s === subject && n === name) !== at,
    );
    expect(twice).toEqual([]);
  });

  it.each(Object.keys(subjects) as Subject[])('when cases of %s are named, then they are there', (subject) => {
    const there = namesIn(subject);
    const missing = named.filter(([of, name]) => of === subject && !there.includes(name)).map(([, name]) => name);
    expect(missing).toEqual([]);
  });

  it('when a case is there, then it stands in a row', () => {
    const own = (Object.keys(subjects) as Subject[]).filter((subject) => subjects[subject].startsWith('./'));
    const loose = own.flatMap((subject) =>
      namesIn(subject).filter((name) => !named.some(([of, one]) => of === subject && one === name)),
    );
    expect(loose).toEqual([]);
    expect(own.flatMap(namesIn).length).toBeGreaterThanOrEqual(120);
  });

  // `vitest run -u` writes it.
  it('when the page is read, then it says the same', async () => {
    await expect(page()).toMatchFileSnapshot('../../../docs/behaviours.md');
  });
});
