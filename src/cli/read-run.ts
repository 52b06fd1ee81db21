/** Reads how a run stands, and what has happened to it, from the file itself. Loads all that understands a history. */

import { assert, isPawlError, PawlError, type RunId, workflowVersion } from '../base/index.ts';
import type { Durations, WorkflowDefinition } from '../definition/index.ts';
import {
  type Checkpoint,
  checkpointsOf,
  estimatesFromHistory,
  Programs,
  type StoredView,
  storedHistory,
  viewStored,
} from '../engine/index.ts';
import { systemHasher } from '../host/index.ts';
import type { Recorded } from '../kernel/index.ts';
import { read } from './read-store.ts';

/** @throws PawlError `not_found`, `store_corrupt` */
export function readRun(path: string, run: RunId): Promise<StoredView> {
  return read(path, (reader) => viewStored(run, reader, new Programs(systemHasher())));
}

/** @throws PawlError `not_found`, `store_corrupt` */
export function readCheckpoints(path: string, run: RunId): Promise<Checkpoint[]> {
  return read(path, (reader) => checkpointsOf(run, reader));
}

/** @throws PawlError `not_found`, `store_corrupt` */
export function readHistory(path: string, run: RunId): Promise<Recorded[]> {
  return read(path, (reader) => storedHistory(run, reader));
}

/** A run, and what the workflow it began with says. @throws PawlError `not_found`, `store_corrupt` */
export function readDrawnRun(
  path: string,
  run: RunId,
): Promise<StoredView & { readonly definition: WorkflowDefinition }> {
  return read(path, async (reader) => {
    const programs = new Programs(systemHasher());
    const stored = await viewStored(run, reader, programs);
    const workflow = await programs.load(workflowVersion(stored.view.version), reader);
    assert(workflow !== undefined, `the definition of run "${run}" is in the store`);
    const { definition } = workflow;
    if (definition.style === 'function')
      throw new PawlError(
        'bad_input',
        `run "${run}" is one of a function, which has no graph; \`pawl show\` lists its calls`,
      );
    return { ...stored, definition };
  });
}

const earlierRunsMost = 200;

/** How long the tasks of a workflow took in its latest runs that have ended; runs that cannot be read do not count. */
export function readEarlierRuns(
  path: string,
  workflow: string,
): Promise<{ readonly runs: number; readonly estimates: Map<string, Durations> }> {
  return read(path, async (reader) => {
    const programs = new Programs(systemHasher());
    const rows = await reader.list({ workflow, limit: earlierRunsMost });
    const views: StoredView['view'][] = [];
    for (const row of rows) {
      if (!row.final) continue;
      try {
        views.push((await viewStored(row.run, reader, programs)).view);
      } catch (error) {
        if (!isPawlError(error)) throw error;
      }
    }
    return { runs: views.length, estimates: estimatesFromHistory(views) };
  });
}
