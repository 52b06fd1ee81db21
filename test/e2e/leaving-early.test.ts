import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inFolder, pawl } from './pawl-process.ts';

const bin = fileURLToPath(new URL('../../bin/pawl.js', import.meta.url));

describe('given a start with --detach', () => {
  it('when it has left, then no attempt was begun, and resume begins the first', async () => {
    await inFolder(async (cwd) => {
      writeFileSync(
        join(cwd, 'mark.yaml'),
        'version: 1.0\ntasks:\n  mark:\n    action: core.local cmd="touch marked"\n',
      );
      const started = await pawl(['run', 'mark.yaml', '--detach', '--allow-shell', '--id', 'm'], { cwd });
      expect(started).toMatchObject({ code: 0, out: 'm\n' });
      expect((await pawl(['history', 'm'], { cwd })).out).not.toContain('AttemptStarted');
      expect(existsSync(join(cwd, 'marked'))).toBe(false);

      expect((await pawl(['resume', '--allow-shell'], { cwd })).code).toBe(0);

      expect(existsSync(join(cwd, 'marked'))).toBe(true);
      expect((await pawl(['history', 'm'], { cwd })).out).not.toContain('AttemptLost');
    });
  });
});

describe('given a reader that stops early', () => {
  it('when the rest of the output has nowhere to go, then the command ends without a fault', async () => {
    await inFolder(async (cwd) => {
      const count = `version: 1.0\ntasks:\n  each:\n    with: n in <% range(5000) %>\n    action: core.noop\n`;
      writeFileSync(join(cwd, 'count.yaml'), count);
      expect((await pawl(['run', 'count.yaml', '--id', 'c'], { cwd })).code).toBe(0);
      const line = `for i in 1 2 3 4 5 6 7 8; do "${process.execPath}" "${bin}" show c --json; done | head -c 10`;

      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], { cwd, encoding: 'utf8' });

      expect({ status, stderr, length: stdout.length }).toEqual({ status: 0, stderr: '', length: 10 });
    });
  });
});
