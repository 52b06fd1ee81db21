// The benchmark as it is run: built like the package, so that what is measured is what is published.
import { readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

export default {
  input: {
    main: 'bench/main.ts',
    child: 'bench/child.ts',
    'child-floor': 'bench/child-floor.ts',
    'child-layout': 'bench/child-layout.ts',
  },
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies)],
  output: { dir: 'bench/out', format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' },
};
