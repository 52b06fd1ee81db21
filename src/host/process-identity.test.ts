import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isRunning, processIdentity } from './process-identity.ts';

describe('given the identity of a process', () => {
  it('when it is this one, then it runs', () => {
    expect(processIdentity().pid).toBe(process.pid);
    expect(isRunning(processIdentity())).not.toBe('no');
  });

  it('when it has ended, then it does not run', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const identity = processIdentity(child.pid);
    await once(child, 'exit');
    expect(isRunning(identity)).toBe('no');
  });

  it('when its pid belongs to another process now, then it does not run', () => {
    const { pid, hostname, start } = processIdentity();
    if (start === undefined) return;
    expect(isRunning({ pid, hostname, start: `${start}0` })).toBe('no');
  });

  it('when it is of another machine, then nobody knows', () => {
    expect(isRunning({ ...processIdentity(), hostname: 'elsewhere.example' })).toBe('unknown');
  });
});
