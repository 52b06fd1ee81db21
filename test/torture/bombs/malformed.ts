/**
 * Malformed rows: a file of open runs whose rows are changed behind the engine's back, one row for each of many runs.
 *
 * Half of the changes leave the checksum as it was, as a failing disk does; half bring it up to date, as nothing but a fault of a
 * program does, so that the row reaches the decoder. The engine must start, refuse to touch what it cannot read or fold, and
 * serve every other run.
 */

import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createPawl, defineAction, isPawlError, type Json, type Pawl } from '../../../src/index.ts';
import { checksum } from '../../../src/store/sqlite/checksum.ts';
import { inFolder } from '../folders.ts';
import { type Chance, chanceOf } from '../random.ts';
import type { Counts } from '../report.ts';

const runsPerFile = 1_200;
const malformedPerFile = 1_000;
const patienceMs = 60_000;

const flow = `version: 1.0
input: [note]
tasks:
  work: { action: t.work, input: { note: <% ctx(note) %> }, next: [{ publish: [done: <% result() %>], do: hear }] }
  hear: { action: core.receive, input: { signal: news }, next: [publish: [heard: <% result() %>]] }
output: [done: <% ctx(done) %>, heard: <% ctx(heard) %>]
`;

const idOf = (index: number): string => `run-${index}`;

/** Of every third run the action is under way when the process ends, so that it is taken up at once; the others wait. */
const isCutOff = (index: number): boolean => index % 3 === 0;

function open(path: string, cutOff: boolean): Promise<Pawl> {
  const work = defineAction<{ readonly note: string }, Json>({
    name: 't.work',
    async handler({ note }, { run, signal }) {
      if (!cutOff || !isCutOff(Number(run.slice(4)))) return note;
      return new Promise<Json>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('cut off'))),
      );
    },
  });
  return createPawl({ path, actions: [work], listen: false, concurrency: runsPerFile, ballastBytes: 0 });
}

async function makeFile(path: string): Promise<void> {
  const pawl = await open(path, true);
  const workflow = pawl.workflow(flow);
  const start = (index: number) => pawl.start(workflow, { note: `note ${index}` }, { id: idOf(index) });
  await Promise.all(Array.from({ length: runsPerFile }, (_, index) => start(index)));
  const waits = async (index: number) =>
    isCutOff(index) || ((await pawl.handle(idOf(index)).state()).open.get(1)?.waits?.size ?? 0) > 0;
  for (let index = 0; index < runsPerFile; index += 1) while (!(await waits(index))) await delay(5);
  await pawl.close();
}

type Row = Record<string, null | number | bigint | string | Uint8Array>;

/** Changes some of a text: letters, structure, length. */
function mangled(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << chance.below(7))) + text.slice(at + 1);
    case 2:
      return (
        text.slice(0, at) +
        chance.pick(['null', '-1', '9e99', '"x"', '[]', '{}', '[[[', '\u0000', '\ud800']) +
        text.slice(at + 1)
      );
    case 3:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(20));
    case 4:
      return text.replace(/\d+/g, (digits) => (chance.next() < 0.3 ? String(chance.below(100)) : digits));
    default:
      return chance.pick([
        '',
        'null',
        '[]',
        '{}',
        '[[]]',
        '[[99,0]]',
        '[[8,0,7,null,"succeeded",0]]',
        '['.repeat(5_000),
      ]);
  }
}

/** Changes one row of the run; answers whether its checksum still fits. */
function malform(db: DatabaseSync, run: string, chance: Chance): 'stale' | 'fitting' {
  const { key } = db.prepare('SELECT key FROM runs WHERE id = ?').get(run) as { key: number };
  if (chance.next() < 0.2) {
    const column = chance.pick(['status', 'final', 'active', 'created_at', 'revision', 'crc', 'start_hash', 'version']);
    const isFlag = column === 'final' || column === 'active';
    const value = isFlag ? `1 - ${column}` : column === 'status' || column === 'start_hash' ? "'odd'" : `${column} + 7`;
    db.prepare(`UPDATE runs SET ${column} = ${value} WHERE key = ?`).run(key);
    return 'stale';
  }
  const rows = db.prepare('SELECT * FROM journal WHERE run = ? ORDER BY base').all(key) as Row[];
  const row = chance.pick(rows);
  const column = row.payloads !== null && chance.next() < 0.3 ? 'payloads' : 'events';
  const before = String(row[column]);
  let after = before;
  while (after === before) after = mangled(before, chance);
  after = after.toWellFormed();
  const fitting = chance.next() < 0.5;
  const changed: Row = { ...row, [column]: after };
  const payloads = changed.payloads === null ? undefined : String(changed.payloads);
  const head = `${changed.run} ${changed.base} ${changed.count} ${changed.at} ${changed.append_id}`;
  const crc = fitting ? checksum(head, String(changed.events), payloads) : Number(row.crc);
  db.prepare(`UPDATE journal SET ${column} = ?, crc = ? WHERE position = ?`).run(after, crc, Number(row.position));
  return fitting ? 'fitting' : 'stale';
}

/** Makes `count` malformed rows, and answers every fault that an engine shows over them. */
export async function malformedRows(count: number, seed: number, counts: Counts): Promise<string[]> {
  return inFolder(
    async (folder) => {
      const template = join(folder, 'template.db');
      await makeFile(template);
      const faults: string[] = [];
      for (let done = 0, file = 0; done < count; done += malformedPerFile, file += 1) {
        const path = join(folder, `file-${file}.db`);
        copyFileSync(template, path);
        if (existsSync(`${template}-wal`)) throw new Error('the template was not closed');
        const malformed = Math.min(malformedPerFile, count - done);
        faults.push(...(await serveMalformed(path, malformed, chanceOf(seed + file), counts)));
      }
      return faults;
    },
    { memory: true },
  );
}

async function serveMalformed(path: string, malformed: number, chance: Chance, counts: Counts): Promise<string[]> {
  const db = new DatabaseSync(path);
  const kinds = Array.from({ length: malformed }, (_, index) => malform(db, idOf(index), chance));
  db.close();
  counts.add('malformed rows', malformed);

  const faults: string[] = [];
  const pawl = await open(path, false);
  await pawl.resume();
  for (const [index, kind] of kinds.entries()) {
    const told = await pawl
      .handle(idOf(index))
      .state()
      .then(() => 'read', codeOf);
    counts.add(`${kind} checksum: ${told}`);
    // With a checksum that fits a row may say something that can have happened, and is then nobody's fault.
    const expected = kind === 'stale' ? ['store_corrupt'] : ['store_corrupt', 'internal', 'read'];
    if (!expected.includes(told)) faults.push(`${idOf(index)}, with a ${kind} checksum, is not quarantined: ${told}`);
  }
  const healthy = Array.from({ length: runsPerFile - malformed }, (_, index) => malformed + index);
  const served = Promise.all(
    healthy.map(async (index) => {
      const handle = pawl.handle(idOf(index));
      await handle.signal('news', index);
      const { status, output } = await handle.result();
      if (status !== 'succeeded' || JSON.stringify(output) !== `{"done":"note ${index}","heard":${index}}`) {
        faults.push(`${idOf(index)} is healthy, and ended ${status} with ${JSON.stringify(output)}`);
      }
    }),
  );
  const all = await Promise.race([served.then(() => true, codeOf), delay(patienceMs, false)]);
  if (all !== true) faults.push(`healthy runs are not served: ${all}`);
  counts.add('healthy runs served', healthy.length);
  await pawl.close();
  return faults;
}

function codeOf(error: unknown): string {
  return isPawlError(error) ? error.code : String(error);
}
