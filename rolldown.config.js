// The published JavaScript: each door with what it shares in a few files, since a program that opens 200 files to start is
// slow to start. Types come from the compiler, beside them. Dependencies stay packages of their own; what is bundled is a development
// dependency and stands in THIRD-PARTY.md.
import { readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

export default {
  input: {
    index: 'src/index.ts',
    'chain/index': 'src/chain/index.ts',
    'graph/index': 'src/graph/index.ts',
    'store/index': 'src/store/index.ts',
    'store/conformance': 'src/store/conformance.ts',
    'testing/index': 'src/testing/index.ts',
    'lint/index': 'src/lint/index.ts',
    'cli/main': 'src/cli/main.ts',
  },
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies)],
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' },
};
