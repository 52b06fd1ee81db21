/** What `npm install pawl` puts into a folder, made of the sources: modules there import it by its name. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../page.ts';

const doors = { '.': 'index', './chain': 'chain/index', './graph': 'graph/index', './testing': 'testing/index' };

export function installPawl(folder: string): void {
  const pawl = join(folder, 'node_modules/pawl');
  mkdirSync(pawl, { recursive: true });
  const exports: { [door: string]: string } = {};
  for (const [door, path] of Object.entries(doors)) {
    const module = `./${path.replace('/', '-')}.mjs`;
    exports[door] = module;
    writeFileSync(join(pawl, module), `export * from ${JSON.stringify(join(root, `src/${path}.ts`))};\n`);
  }
  writeFileSync(join(pawl, 'package.json'), JSON.stringify({ name: 'pawl', type: 'module', exports }));
}
