/** The floor of W7: a bare process that writes one run. */

import { Floor } from './floor.ts';

const floor = new Floor(process.argv[2] ?? '');
await floor.run();
process.stdout.write('done\n');
floor.close();
