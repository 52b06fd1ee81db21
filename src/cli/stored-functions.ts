/** The runs of a store file that durable functions drive, one after the other, also while their owner moves them. */

import { isPawlError, PawlError, type RunId, type WorkflowVersion } from '../base/index.ts';
import { functionNameIn } from '../definition/index.ts';
import { storedHistory } from '../engine/index.ts';
import { systemRandom } from '../host/index.ts';
import type { Recorded } from '../kernel/index.ts';
import type { RunRow, StoreReader } from '../store/index.ts';

export interface StoredFunctions {
  /** Runs that have ended as well. */
  readonly ended: boolean;
  /** Only runs of this workflow. */
  readonly workflow: string | undefined;
  /** So many of them, chosen at random. */
  readonly sample: number | undefined;
}

export type StoredFunction =
  | { readonly row: RunRow; readonly history: readonly Recorded[] }
  /** Its rows are damaged. */
  | { readonly run: string; readonly fault: string };

const rowsAtOnce = 200;

/** Each with its history, which is read when it is asked for: memory holds one at a time. Runs that are removed meanwhile are left out. */
export async function* storedFunctions(reader: StoreReader, wanted: StoredFunctions): AsyncGenerator<StoredFunction> {
  const functions = functionRows(reader, wanted);
  const rows = wanted.sample === undefined ? functions : await sampled(functions, wanted.sample);
  for await (const row of rows) {
    try {
      yield { row, history: await storedHistory(row.run, reader) };
    } catch (error) {
      if (!isPawlError(error)) throw error;
      if (error.code === 'store_corrupt') yield { run: row.run, fault: error.message };
      else if (error.code !== 'not_found') throw error;
    }
  }
  for (const { run, reason } of await reader.unreadable()) yield { run, fault: reason };
}

async function* functionRows(reader: StoreReader, { ended, workflow }: StoredFunctions): AsyncGenerator<RunRow> {
  const isFunction = new Map<WorkflowVersion, boolean>();
  for await (const row of allRows(reader, ended, workflow)) {
    if (workflow !== undefined && row.workflow !== workflow) continue;
    let found = isFunction.get(row.version);
    if (found === undefined) {
      const document = await reader.document(row.version);
      found = document !== undefined && functionNameIn(document.text) !== undefined;
      isFunction.set(row.version, found);
    }
    if (found) yield row;
  }
}

async function* allRows(reader: StoreReader, ended: boolean, workflow: string | undefined): AsyncGenerator<RunRow> {
  const filter = workflow === undefined ? {} : { workflow };
  const page = (after: RunId | undefined): Promise<readonly RunRow[]> => {
    const from = { limit: rowsAtOnce, ...(after === undefined ? {} : { after }) };
    return ended ? reader.list({ ...filter, ...from, order: 'oldest' }) : reader.open(from);
  };
  let before: readonly RunRow[] = [];
  for (;;) {
    const rows = await pageAfter(before, page);
    if (rows.length === 0) return;
    yield* rows;
    before = rows;
  }
}

/** The page behind these rows. One that was removed meanwhile is no place to page on from; the one before it is. */
async function pageAfter(
  before: readonly RunRow[],
  page: (after: RunId | undefined) => Promise<readonly RunRow[]>,
): Promise<readonly RunRow[]> {
  for (const { run } of before.toReversed()) {
    try {
      return await page(run);
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'not_found') throw error;
    }
  }
  if (before.length === 0) return page(undefined);
  throw new PawlError('busy', 'the runs were removed as fast as they were read; try again');
}

/** So many of them, each as likely as any other; all where there are not more (algorithm R, Vitter 1985). */
async function sampled(rows: AsyncIterable<RunRow>, size: number): Promise<readonly RunRow[]> {
  const random = systemRandom();
  const chosen: RunRow[] = [];
  let seen = 0;
  for await (const row of rows) {
    seen += 1;
    if (chosen.length < size) chosen.push(row);
    else {
      const place = Math.floor((random.uint32() / 2 ** 32) * seen);
      if (place < size) chosen[place] = row;
    }
  }
  return chosen;
}
