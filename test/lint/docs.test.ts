import { Linter } from 'eslint';
import { expect, it } from 'vitest';
import plugin from '../../src/lint/index.ts';
import { readPage } from '../page.ts';

it('given the example of the page, when it is linted, then the page has what is said', () => {
  const { blocks } = readPage('docs/lint.md');
  const example = blocks.find(({ file }) => file === 'wrong.ts');
  const after = blocks.find(({ line, language }) => line > (example?.line ?? 0) && language === '');
  // The name of the file is not in it.
  const code = example?.text.split('\n').slice(1).join('\n') ?? '';
  const messages = new Linter().verify(code, plugin.configs.typescript, { filename: 'wrong.ts' });

  expect(messages.map(({ line, column, message }) => `${`${line}:${column}`.padEnd(6)} ${message}`)).toEqual(
    after?.text.trim().split('\n'),
  );
});
