/** Bombs: small inputs that cost much, and rows that nobody wrote. `count` is how many rows are malformed. */

import { Counts, type Tally, type TortureOptions, type Violation } from '../report.ts';
import { malformedRows } from './malformed.ts';
import { throwBombs } from './throwing.ts';

export async function torture({ count, seed, progress }: TortureOptions): Promise<Tally> {
  const counts = new Counts();
  const { thrown, faults } = await throwBombs();
  counts.add('bombs', thrown.length);
  counts.most('dearest bomb in ms of processor time', Math.ceil(Math.max(...thrown.map(({ cpuMs }) => cpuMs))));
  progress(`${thrown.length} bombs, ${faults.length} violations`);
  faults.push(...(await malformedRows(count, seed, counts)));
  const violations = faults.map((fault): Violation => ({ seed, fault }));
  return { trials: counts.of('bombs') + counts.of('malformed rows'), violations, counts: counts.all() };
}
