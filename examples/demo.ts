/** `npm run demo`: runs the ETL example through the command line, as a user would, and says what to try next. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const db = 'examples/out/demo.db';
const run = `demo-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
const command = ['run', 'examples/etl.yaml', '--db', db, '--id', run, '--input', 'pause=0.4'];

process.chdir(root);
mkdirSync('examples/out', { recursive: true });
process.stdout.write(`$ pawl ${command.join(' ')}\n\n`);
const { status } = spawnSync(process.execPath, ['bin/pawl.js', ...command], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 70);

process.stdout.write(`
That was examples/etl.yaml: it read 344 rows of a public data set (examples/data), cleaned them, summed up five groups, two at
a time, and wrote a report. Every step is in the store file. What to try next:

  examples/out/penguins.md                                      read the report
  npx pawl show ${run} --db ${db}       its tasks
  npx pawl history ${run} --db ${db}    its events

Kill one in the middle, and let it go on where it was:

  npx pawl run examples/etl.yaml --db ${db} --id again-${run} --input pause=3
  kill -9 …                                                     its process, from another terminal
  npx pawl resume --db ${db}

Then: docs/first-workflow.md, and the other examples; each says at its head how to run it.
`);
