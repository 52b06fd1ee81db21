import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rehearsal, SimulatedTime, simulatedMachine } from '../../../../test/worker/rehearsal.ts';
import type { Json, JsonObject } from '../../../base/index.ts';
import { markBuiltIn } from '../../known-actions.ts';
import { scriptAction } from './script.ts';
import { type Exports, findScript, loadFault } from './script-module.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'pawl-script-')));
const project = join(root, 'project');

beforeAll(() => {
  mkdirSync(join(project, 'node_modules', 'pack'), { recursive: true });
  mkdirSync(join(project, 'folder.ts'));
  for (const file of ['clean.ts', 'node_modules/pack/index.js', '../outside.js', '..dots.js'])
    writeFileSync(join(project, file), '');
  symlinkSync(join(root, 'outside.js'), join(project, 'link.js'));
  symlinkSync(join(project, 'clean.ts'), join(project, 'alias.ts'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('given a path', () => {
  it.each([
    ['clean.ts', 'clean.ts'],
    ['./folder.ts/../clean.ts', 'clean.ts'],
    ['alias.ts', 'clean.ts'],
    ['..dots.js', '..dots.js'],
  ])('when it is %j, then it is a script of the project', async (module, file) => {
    expect(await findScript(module, project)).toBe(join(project, file));
  });

  it('when it is whole, then it is a script of the project all the same', async () => {
    expect(await findScript(join(project, 'clean.ts'), project)).toBe(join(project, 'clean.ts'));
  });

  it.each([
    ['none.ts', 'there is no file'],
    ['folder.ts', 'is not a file'],
    ['clean.txt', 'is no module'],
    ['clean', 'is no module'],
    ['../outside.js', 'leads out of'],
    ['link.js', 'leads out of'],
    ['node_modules/pack/index.js', 'belongs to a package'],
    ['data:text/javascript,1.js', 'is a URL'],
    ['file:///etc/x.js', 'is a URL'],
    ['node:child_process', 'is a URL'],
  ])('when it is %j, then it is refused: %s', async (module, why) => {
    await expect(findScript(module, project)).rejects.toMatchObject({
      kind: 'bad_script',
      retryable: false,
      message: expect.stringContaining(why),
    });
  });
});

describe('given a module that was loaded', () => {
  const exports: Exports = {
    default: (input: Json) => ({ got: input }),
    fail: () => {
      throw new Error('broken script');
    },
    named: async (_: Json, context: { task: string; log(text: string): void }) => {
      context.log('here');
      return context.task;
    },
    version: 3,
  };
  const action = markBuiltIn(scriptAction(simulatedMachine(new SimulatedTime()), async () => exports));
  const call = (input: JsonObject) => new Rehearsal([action]).start('core.script', { module: 'm.ts', ...input });

  it.each<[string, JsonObject, object]>([
    ['names no export', { input: [1] }, { status: 'succeeded', output: { got: [1] } }],
    ['gives no input', {}, { status: 'succeeded', output: { got: null } }],
    ['names one', { export: 'named' }, { status: 'succeeded', output: 'a' }],
    [
      'names one that throws',
      { export: 'fail' },
      { status: 'failed', failure: { kind: 'failed', message: 'broken script' } },
    ],
    [
      'names one that is not there',
      { export: 'other' },
      { failure: { kind: 'bad_script', message: expect.stringContaining('default, fail, named') } },
    ],
    ['names one of the prototype', { export: 'toString' }, { failure: { kind: 'bad_script' } }],
    [
      'names one that is no function',
      { export: 'version' },
      { failure: { kind: 'bad_script', message: expect.stringContaining('no function') } },
    ],
    ['has a misspelled field', { inputs: 1 }, { failure: { kind: 'invalid_input' } }],
  ])('when the task %s, then that is what happens', async (_, input, outcome) => {
    expect(await call(input).outcome).toMatchObject(outcome);
  });

  it('when it logs, then that is kept', async () => {
    const started = call({ export: 'named' });
    await started.outcome;

    expect(started.text('log')).toBe('here\n');
  });
});

describe('given a module that cannot be loaded', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'has an enum',
      Object.assign(new SyntaxError('  x TypeScript enum is not supported in strip-only mode'), {
        code: 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
      }),
      /stripped, not compiled.*enums/,
    ],
    ['has a decorator', new SyntaxError('Invalid or unexpected token'), /Decorators are not supported/],
    ['imports a type as a value', new SyntaxError("'./a.ts' does not provide an export named 'A'"), /import type/],
    ['is broken', new SyntaxError('Unexpected end of input'), /^Unexpected end of input$/],
    ['throws', new Error('\n\nat the top'), /^at the top$/],
    ['throws nothing', undefined, /not an error/],
  ])('when it %s, then the sentence says so', (_, error, sentence) => {
    expect(loadFault(error)).toMatch(sentence);
  });
});
