import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, pawl } from './pawl-process.ts';

const workflow = {
  version: '1.0',
  input: ['module'],
  tasks: {
    a: {
      action: 'core.script',
      input: { module: '<% ctx(module) %>', input: { n: 4 } },
      next: [{ publish: [{ got: '<% result() %>' }] }],
    },
  },
  output: [{ got: '<% ctx(got) %>' }],
};

async function call(
  name: string,
  text: string,
): Promise<{ status: string; output: { got: unknown } | null; errors: { message: string }[] }> {
  return inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'flow.yaml'), JSON.stringify(workflow));
    writeFileSync(join(cwd, name), text);
    const { out, err } = await pawl(['run', 'flow.yaml', '--input', `module=${name}`, '--db', ':memory:', '--json'], {
      cwd,
    });
    expect(out, err).not.toBe('');
    return JSON.parse(out) as Awaited<ReturnType<typeof call>>;
  });
}

describe('given a script', () => {
  it.each([
    ['module.mjs', 'export default ({ n }) => n * 2;'],
    ['typed.ts', 'interface In { n: number }\nexport default async ({ n }: In): Promise<number> => n * 2;'],
    [
      'typed.mts',
      'export default function twice<T extends { n: number }>(input: T) { return input.n * 2 satisfies number; }',
    ],
    ['common.cjs', 'module.exports = ({ n }) => n * 2;'],
  ])('when it is %s, then its default export is called', async (name, text) => {
    expect(await call(name, text)).toMatchObject({ status: 'succeeded', output: { got: 8 } });
  });

  const stripped = 'stripped, not compiled';

  it.each([
    ['enum.ts', 'enum A { X }\nexport default () => A.X;', stripped],
    ['namespace.ts', 'namespace A { export const x = 1; }\nexport default () => A.x;', stripped],
    ['property.ts', 'class A { constructor(readonly x: number) {} }\nexport default () => new A(1).x;', stripped],
    ['import.ts', 'import fs = require("node:fs");\nexport default () => 1;', stripped],
    ['decorator.ts', 'const d = () => {};\nclass A { @d m() {} }\nexport default () => 1;', stripped],
    [
      'type-import.ts',
      'import { Stats } from "node:fs/promises";\nexport default (): Stats | null => null;',
      'import type',
    ],
    ['syntax.mjs', 'export default ( {', 'could not be loaded'],
    ['dependency.mjs', 'import "no-such-package";\nexport default () => 1;', 'no-such-package'],
    ['throws.mjs', 'throw new Error("broken at the top");', 'broken at the top'],
    ['named.mjs', 'export const other = () => 1;', 'it exports other'],
    ['none.mjs', 'export const version = 1;', 'it exports no function'],
  ])('when it is %s, then the error says what is wrong', async (name, text, message) => {
    const { status, errors } = await call(name, text);

    expect(status).toBe('failed');
    expect(errors[0]!.message).toContain(message);
  });
});
