/** The ESLint plugin, for flat configurations: `import pawl from 'pawl/eslint-plugin'`. See docs/lint.md. */

import type { ESLint, Linter } from 'eslint';
import { version } from '../version.ts';
import { awaitRunOnly } from './await-run-only.ts';
import { noOutsideWorld } from './no-outside-world.ts';
import { stripTypes } from './strip-types.ts';

const plugin = {
  meta: { name: 'pawl', version },
  rules: { 'no-outside-world': noOutsideWorld, 'await-run-only': awaitRunOnly },
  processors: { 'strip-types': stripTypes },
} satisfies ESLint.Plugin;

const rules: Linter.RulesRecord = { 'pawl/no-outside-world': 'error', 'pawl/await-run-only': 'error' };

/** The rules, for files that ESLint can read already. */
const recommended: Linter.Config[] = [{ name: 'pawl/recommended', plugins: { pawl: plugin }, rules }];

/** The rules, and TypeScript read without its types: for projects without a parser for it. */
const typescript: Linter.Config[] = [
  { name: 'pawl/typescript/files', files: ['**/*.{ts,mts}'], plugins: { pawl: plugin }, processor: 'pawl/strip-types' },
  {
    name: 'pawl/typescript/rules',
    files: ['**/*.{ts,mts}/stripped.js', '**/*.{js,mjs}'],
    plugins: { pawl: plugin },
    rules,
  },
];

export default { ...plugin, configs: { recommended, typescript } };
