import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rehearsal, SimulatedTime, type Started, simulatedMachine } from '../../../../test/worker/rehearsal.ts';
import type { Json, JsonObject } from '../../../base/index.ts';
import { processIdentity } from '../../../host/index.ts';
import type { AttemptLog } from '../../../kernel/index.ts';
import { markBuiltIn } from '../../known-actions.ts';
import { KeptOutput, keptBytesMax } from './kept-output.ts';
import { localAction } from './local.ts';
import { graceMs } from './shell-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-local-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = {
  PATH: process.env.PATH,
  HOME: '/home/me',
  LC_ALL: 'C.UTF-8',
  PAWL_SECRET_KEY: 'hidden',
  AWS_KEY: 'hidden',
};
const secrets = { KEY: 'canary-key' };

function rehearsal(time = new SimulatedTime()): Rehearsal {
  const machine = simulatedMachine(time, { environment, workingDirectory: folder });
  return new Rehearsal([markBuiltIn(localAction(machine))], { secrets });
}

const run = (input: JsonObject) => rehearsal().outcome('core.local', input);

const done = (stdout: string, stderr = '') => ({
  status: 'succeeded',
  output: { stdout, stderr, return_code: 0, succeeded: true, failed: false },
});

/** Resolves when the attempt has written `text`. */
function written(one: Rehearsal, input: Json, text: string): Promise<Started> {
  return new Promise((resolve) => {
    let seen = '';
    const started: Started = one.start('core.local', input, {}, (log: AttemptLog) => {
      seen += log.text;
      if (seen.includes(text)) setImmediate(() => resolve(started));
    });
  });
}

describe('given a command', () => {
  it('when it ends well, then its output is the result, without the last line break, and all of it is logged', async () => {
    const started = rehearsal().start('core.local', { cmd: 'echo one; echo two; printf "three\\n" >&2' });

    expect(await started.outcome).toEqual(done('one\ntwo', 'three'));
    expect(started.text('stdout')).toBe('one\ntwo\n');
    expect(started.text('stderr')).toBe('three\n');
  });

  it('when it ends badly, then the task fails with the same result, its code, and the last line of its complaint', async () => {
    expect(await run({ cmd: 'echo partly; echo first >&2; echo cannot go on >&2; exit 3' })).toEqual({
      status: 'failed',
      output: { stdout: 'partly', stderr: 'first\ncannot go on', return_code: 3, succeeded: false, failed: true },
      failure: { kind: 'exit_code', message: 'the command ended with code 3: cannot go on' },
    });
  });

  it.each([
    ['exit 0', 0],
    ['exit 255', 255],
    ['no-such-command', 127],
    ['kill -KILL $$', 137],
    ['kill -TERM $$', 143],
  ])('when it is %j, then its code is %i', async (cmd, code) => {
    expect(await run({ cmd })).toMatchObject({
      output: { return_code: code, succeeded: code === 0, failed: code !== 0 },
    });
  });

  it('when it reads its input, then it gets what was given, and nothing otherwise', async () => {
    expect(await run({ cmd: 'cat', input: 'grüß\n' })).toEqual(done('grüß'));
    expect(await run({ cmd: 'cat' })).toEqual(done(''));
  });

  it('when it does not read its input, then that is no failure', async () => {
    expect(await run({ cmd: 'exec <&-; exit 0', input: 'x'.repeat(1_000_000) })).toEqual(done(''));
  });

  it('when it looks at its environment, then there is what a command needs, what was given, and who it works for', async () => {
    const outcome = await run({ cmd: 'env', env: { MINE: 'yes', NUMBER: 7, NONE: null, PAWL_TASK: 'forged' } });
    const lines = String((outcome.output as JsonObject).stdout).split('\n');

    expect(lines).toEqual(
      expect.arrayContaining([
        'HOME=/home/me',
        'LC_ALL=C.UTF-8',
        'MINE=yes',
        'NUMBER=7',
        'PAWL_RUN=r',
        'PAWL_TASK=a',
        'PAWL_ATTEMPT=1',
      ]),
    );
    expect(lines.join('\n')).not.toMatch(/hidden|NONE|forged/);
  });

  it('when a folder is named, then it runs there, and in that of the process otherwise', async () => {
    expect(await run({ cmd: 'pwd -P', cwd: '/' })).toEqual(done('/'));
    expect(await run({ cmd: 'mkdir -p sub && cd sub && pwd -P' })).toMatchObject({
      output: { stdout: expect.stringMatching(/sub$/) },
    });
    expect(await run({ cmd: 'basename $(pwd)', cwd: 'sub' })).toEqual(done('sub'));
    expect(await run({ cmd: 'pwd', cwd: 'nowhere' })).toMatchObject({
      failure: { kind: 'not_started', message: expect.stringContaining('nowhere') },
    });
  });

  it('when characters are cut by the pipe, then they are whole in the result', async () => {
    const cmd = `printf '\\303'; sleep 0.02; printf '\\274'; sleep 0.02; printf '\\360\\237'; sleep 0.02; printf '\\220\\242'; printf '\\377'`;

    expect(await run({ cmd })).toEqual(done('ü🐢\ufffd'));
  });

  it('when it leaves something in the background that lets go of its output, then it is over at once', async () => {
    expect(await run({ cmd: 'sleep 5 >/dev/null 2>&1 & echo $!' })).toMatchObject({ status: 'succeeded' });
  });

  it('when it leaves something in the background that holds its output, then that is not waited for for ever', async () => {
    const time = new SimulatedTime();
    const one = rehearsal(time);
    const started = await written(one, { cmd: 'sleep 60 & echo $!' }, '\n');
    while (time.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    time.advance(1_000);
    const outcome = await started.outcome;

    expect(outcome).toMatchObject({ status: 'succeeded' });
    process.kill(Number((outcome.output as JsonObject).stdout));
  });

  it('when its environment is too long for the system, then that is said', async () => {
    expect(await run({ cmd: 'true', env: { LONG: 'x'.repeat(300_000) } })).toMatchObject({
      failure: { kind: 'invalid_input', retryable: false, message: expect.stringContaining('too long') },
    });
  });
});

describe('given a command that cannot be meant', () => {
  it.each<[string, Json]>([
    ['is no map', 'ls'],
    ['has no cmd', {}],
    ['has an empty cmd', { cmd: '  ' }],
    ['has a list as cmd', { cmd: ['ls'] }],
    ['has a misspelled field', { cmd: 'ls', dir: '/' }],
    ['has a null character', { cmd: 'ls \0' }],
    ['has a null character in a variable', { cmd: 'ls', env: { A: 'canary\0' } }],
    ['has a variable without a name', { cmd: 'ls', env: { '': 'x' } }],
    ['has a variable with = in its name', { cmd: 'ls', env: { 'A=B': 'x' } }],
    ['has a map as a variable', { cmd: 'ls', env: { A: {} } }],
    ['has a time that is none', { cmd: 'ls', timeout: 'soon' }],
    ['has a map as its input', { cmd: 'ls', input: {} }],
  ])('when it %s, then it fails for good, and nothing runs', async (_, input) => {
    const outcome = await rehearsal().outcome('core.local', input);

    expect(outcome).toMatchObject({ failure: { kind: 'invalid_input', retryable: false } });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  it('when the system has no shell, then that is said', async () => {
    const action = markBuiltIn(localAction(simulatedMachine(new SimulatedTime(), { platform: 'win32' })));

    expect(await new Rehearsal([action]).outcome('core.local', { cmd: 'dir' })).toMatchObject({
      failure: { message: expect.stringContaining('/bin/sh') },
    });
  });
});

describe('given a command that is to stop', () => {
  const tidy = (file: string): string =>
    `trap 'sleep 0.05; echo tidy > ${file}; exit 1' TERM; echo ready; while :; do sleep 0.01; done`;

  it('when its time is up, then it may tidy up, and the task fails with what it wrote', async () => {
    const time = new SimulatedTime();
    const one = rehearsal(time);
    const file = join(folder, 'tidied');
    const started = await written(one, { cmd: tidy(file), timeout: 30 }, 'ready');
    time.advance(30_000);

    expect(await started.outcome).toMatchObject({
      status: 'failed',
      output: { stdout: 'ready', failed: true },
      failure: { kind: 'timeout', message: expect.stringContaining('30 s') },
    });
    expect(readFileSync(file, 'utf8')).toBe('tidy\n');
    expect(time.pending).toBe(0);
  });

  it('when the run is canceled, then all it has started is stopped', async () => {
    const one = rehearsal();
    const started = await written(one, { cmd: 'sleep 60 & sleep 60 & echo $!; wait' }, '\n');
    one.executor.abort({ run: 'r' as never, task: 0, item: undefined });

    expect(await started.outcome).toEqual({ status: 'canceled', output: null });
    expect([undefined, 'ended']).toContain(processIdentity(Number(started.text())).start);
  });

  it('when it does not listen, then it is killed after its grace', async () => {
    const time = new SimulatedTime();
    const one = rehearsal(time);
    const started = await written(
      one,
      { cmd: `trap '' TERM; echo ready; while :; do sleep 0.01; done`, timeout: 1 },
      'ready',
    );
    time.advance(1_000);
    time.advance(graceMs);

    expect(await started.outcome).toMatchObject({ output: { return_code: 137 }, failure: { kind: 'timeout' } });
  });
});

describe('given a command that writes much', () => {
  it('when it is more than a result keeps, then the result is cut with a note, and the log has the rest up to its limit', async () => {
    const started = rehearsal().start('core.local', { cmd: `yes 0123456789 | head -c 30000000` });
    const outcome = await started.outcome;
    const { stdout } = outcome.output as { stdout: string };

    expect(outcome.status).toBe('succeeded');
    expect(stdout.slice(0, 22)).toBe('0123456789\n0123456789\n');
    expect(stdout.slice(keptBytesMax)).toBe(
      `\n[cut: 30000000 bytes were written, and the result keeps the first ${keptBytesMax}; the log has more]`,
    );
    expect(started.text().length).toBe(16 * 1024 * 1024 + 1);
  });

  it('when the store is behind, then the command waits', async () => {
    const behind = Promise.withResolvers<void>();
    let taken = 0;
    const one = rehearsal();
    const started = one.start('core.local', { cmd: 'yes | head -c 5000000' }, {}, ({ text }) => {
      taken += text.length;
      return behind.promise;
    });
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(200_000);
    behind.resolve();
    await started.outcome;

    expect(taken).toBe(5_000_000);
  });
});

describe('given a command with a secret', () => {
  it('when it prints it, then neither log nor result nor message shows it', async () => {
    const cmd = 'echo "a $KEY"; printf can; sleep 0.02; printf ary-key; echo "$KEY is wrong" >&2; exit 1';
    const started = rehearsal().start('core.local', { cmd, env: { KEY: 'secret(KEY)' } });

    expect(await started.outcome).toMatchObject({
      output: { stdout: 'a ***\n***', stderr: '*** is wrong' },
      failure: { message: 'the command ended with code 1: *** is wrong' },
    });
    expect(started.text('stdout')).toBe('a ***\n***');
    expect(JSON.stringify(started.logs)).not.toContain('canary');
  });

  it('when the result is cut within it, then no part of it is left', () => {
    const output = new KeptOutput();
    const text = `${'x'.repeat(keptBytesMax - 3)}canary-key${'y'.repeat(2_000_000)}`;
    output.count(text.length);
    output.add(text);

    expect(output.text((shown) => shown.replaceAll('canary-key', '***'))).toMatch(/x\*\*\*\n\[cut: /);
  });
});

describe('given twelve commands of 0.2 s', () => {
  it('when they run at once, then none waits for another', async () => {
    const one = rehearsal();
    const start = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, item) => one.outcome('core.local', { cmd: 'sleep 0.2' }, { item })),
    );
    const tookMs = performance.now() - start;

    expect(outcomes.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(tookMs).toBeLessThan(1_200);
  });
});
