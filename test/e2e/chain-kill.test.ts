import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, inFolder } from './pawl-process.ts';

describe('given a durable chain whose process is killed in the middle of a step', () => {
  it('when it is called again with the same id, then no step that had ended runs again, and the answer is that of the plain chain', () =>
    inFolder(async (folder) => {
      const marks = join(folder, 'marks');
      const call = () =>
        spawnSync(process.execPath, [join(fixtures, 'killed-chain.ts'), join(folder, 'pawl.db'), marks], {
          encoding: 'utf8',
        });

      expect(call().signal).toBe('SIGKILL');
      expect(call().signal).toBe('SIGKILL');
      const last = call();

      expect(last.stderr).toBe('');
      expect(last.stdout).toBe('11 12\n');
      const counts = new Map<string, number>();
      for (const mark of readFileSync(marks, 'utf8').trim().split('\n')) counts.set(mark, (counts.get(mark) ?? 0) + 1);
      expect(counts.get('read')).toBe(1);
      expect(counts.get('dies')).toBe(2);
      expect(counts.get('dies-right')).toBe(2);
      expect(counts.get('write')).toBe(1);
      expect(call().stdout).toBe('11 12\n');
    }));
});
