/** The guide's programs print what the guide says. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage, root } from '../page.ts';

const run = promisify(execFile);

describe('given the programs of the guide to chains', () => {
  const { blocks } = readPage('docs/chains.md');
  const programs = blocks.flatMap(({ file, text }, index) =>
    file === undefined ? [] : [[file, text, blocks[index + 1]] as const],
  );
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-chains-'));
    const pawl = join(folder, 'node_modules/pawl');
    mkdirSync(pawl, { recursive: true });
    const doors = { '.': './index.mjs', './chain': './chain.mjs' };
    writeFileSync(join(pawl, 'package.json'), JSON.stringify({ name: 'pawl', type: 'module', exports: doors }));
    for (const [door, path] of [
      ['index.mjs', 'src/index.ts'],
      ['chain.mjs', 'src/chain/index.ts'],
    ] as const)
      writeFileSync(join(pawl, door), `export * from ${JSON.stringify(join(root, path))};\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(programs)('when %s is run, then it prints what stands below it', async (file, text, below) => {
    writeFileSync(join(folder, file), text);

    const { stdout } = await run(process.execPath, [file], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
      timeout: 10_000,
    });

    expect(below?.language).toBe('text');
    expect(stdout).toBe(below?.text);
  });

  it('when they are counted, then all were found', () => {
    expect(programs.length).toBe(10);
  });
});
