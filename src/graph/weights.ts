/** What nodes weigh: durations or costs by id, checked once and laid out as a column. */

import { invalidOperation } from './errors.ts';

/** A weight for each id: finite and not negative. An id without one weighs 0; ids that the graph does not have are ignored. */
export type Weights = ReadonlyMap<string, number> | ((id: string) => number | undefined);

/** @throws GraphError `invalid_operation` for a weight that is negative, infinite or not a number. */
export function weightColumn(weights: Weights, ids: readonly string[]): Float64Array {
  const column = new Float64Array(ids.length);
  const weightOf = typeof weights === 'function' ? weights : (id: string) => weights.get(id);
  for (let node = 0; node < ids.length; node += 1) {
    const weight: unknown = weightOf(ids[node]!) ?? 0;
    if (typeof weight !== 'number' || !(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      const found = `node ${JSON.stringify(ids[node])} weighs ${String(weight)}; a weight is a finite number from 0`;
      throw invalidOperation('weights', found);
    }
    column[node] = weight;
  }
  return column;
}
