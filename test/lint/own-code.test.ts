/** No false alarms: what templates, examples and the documentation show passes the rules. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import plugin from '../../src/lint/index.ts';
import { allPages, root } from '../page.ts';

const linter = new Linter();
const files = ['templates', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?ts$/.test(name))
    .map((name) => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')] as const),
);
const shown = allPages().flatMap(({ path, blocks }) =>
  blocks
    .filter(({ language, text, file }) => language === 'ts' && /\bworkflow\(/.test(text) && file !== 'wrong.ts')
    // A block may leave out what the page has said.
    .map(
      ({ text, line }) =>
        [`${path}:${line}`, text.includes("from 'pawl'") ? text : `import { workflow } from 'pawl';${text}`] as const,
    ),
);

describe('given code of our own', () => {
  it.each([...files, ...shown])('when %s is linted, then nothing is said', (_place, text) => {
    const local = [...text.matchAll(/from '([^']*src\/index\.ts)'/g)].map((match) => match[1]);
    const options = { modules: local };
    const config: Linter.Config[] = [
      ...plugin.configs.typescript,
      { rules: { 'pawl/no-outside-world': ['error', options], 'pawl/await-run-only': ['error', options] } },
    ];
    const said = linter
      .verify(text, config, { filename: 'shown.ts' })
      .map(({ line, message }) => `${line}: ${message}`);
    expect(said).toEqual([]);
  });

  it('when they are counted, then there are some', () => {
    expect(files.length + shown.length).toBeGreaterThan(20);
  });
});
