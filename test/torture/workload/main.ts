/**
 * The workload as a process: opens the file, takes up its open runs, and drives runs until all have ended or somebody
 * kills it. Says `ready` once it serves, `done` once it is through.
 *
 *     node main.ts '{"folder": …, "seed": …, …}'
 */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createPawl } from '../../../src/index.ts';
import { AckFile, readAcks } from './acks.ts';
import { countingActions } from './actions.ts';
import { Driver, type DriverOptions } from './driver.ts';
import { workloadFunctions, workloadTables } from './functions.ts';

export interface WorkloadOptions extends DriverOptions {
  /** Where its files are: `pawl.db`, `acks`, `marks`. */
  readonly folder: string;
  readonly actionMsMax: number;
  readonly synchronous: 'full' | 'normal';
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkloadOptions;
const { folder, synchronous, actionMsMax } = options;
const acks = join(folder, 'acks');
const pawl = await createPawl({
  path: join(folder, 'pawl.db'),
  actions: countingActions({ marks: join(folder, 'marks'), actionMsMax }),
  workflows: options.style === 'functions' ? workloadFunctions(join(folder, 'charges')) : [],
  synchronous,
  listen: false,
});
if (options.style === 'functions') await pawl.transaction((sql) => sql.exec(workloadTables));
const driver = new Driver(pawl, new AckFile(acks), readAcks(acks), options);
await pawl.resume();
writeSync(1, 'ready\n');
await driver.driveAll();
await pawl.close();
writeSync(1, 'done\n');
