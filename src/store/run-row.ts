/** A run's row as a value: how the first append makes it and later ones change it, the same in every store. */

import { assert, type RunId } from '../base/index.ts';
import type { RunRow, RunRowChange } from './store.ts';

const neededAtStart = ['workflow', 'version', 'status', 'final', 'createdAt', 'active', 'startHash'] as const;

/** Throws unless `change` holds everything that a new run's row needs. */
export function assertWholeRow(run: RunId, change: RunRowChange | undefined): asserts change is RunRowChange {
  assert(change !== undefined, `run ${run} starts without a row`);
  for (const field of neededAtStart) {
    assert(change[field] !== undefined, `run ${run} starts without "${field}" in its row`);
  }
}

/** The row of a run that begins with `change`. Frozen, with all it holds: safe to hand out. */
export function startedRow(run: RunId, change: RunRowChange | undefined): RunRow {
  assertWholeRow(run, change);
  const { workflow, version, status, final, createdAt, endedAt, dueAt, active, parent, startHash, owner } = change;
  const { attributes } = change;
  // The assertion above makes each of these defined; the compiler cannot see it through the loop.
  return Object.freeze({
    run,
    workflow: workflow!,
    version: version!,
    status: status!,
    final: final!,
    createdAt: createdAt!,
    endedAt,
    dueAt,
    active: active!,
    parent,
    startHash: startHash!,
    owner,
    attributes:
      attributes === undefined || Object.keys(attributes).length === 0 ? undefined : Object.freeze(attributes),
  });
}

/** `row` with what `change` names: a field that is there with `undefined` is cleared, one that is not there stays. */
export function changedRow(row: RunRow, change: RunRowChange): RunRow {
  return startedRow(row.run, { ...row, ...change });
}
