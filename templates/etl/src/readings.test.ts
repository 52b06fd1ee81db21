import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestPawl } from 'pawl/testing';
import { readings } from './readings.ts';

test('what can be used is summed up, and the rest is counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'readings-'));
  const pawl = await createTestPawl({ workflows: [readings] });
  try {
    const csv = join(folder, 'in.csv');
    const report = join(folder, 'report.md');
    await writeFile(csv, 'city,day,celsius\nOslo,1,2\nOslo,2,4\nRome,1,?\n');
    const { status, output } = await pawl.run(readings, { csv, report });
    assert.equal(status, 'succeeded');
    assert.deepEqual(output, { file: report, cities: 1, dropped: 1 });
    assert.match(await readFile(report, 'utf8'), /\| Oslo \| 2 \| 3\.0 \|/);
  } finally {
    await pawl.close();
    await rm(folder, { recursive: true });
  }
});
