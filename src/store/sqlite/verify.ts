/**
 * Reads a whole file and says what is wrong with it.
 *
 * Rows are checked whenever they are read, but a damaged index can hide rows, and nothing notices until somebody compares
 * the index with its table. This does (`PRAGMA integrity_check`), and reads every row as well. It costs as much as reading
 * the file: for now and then, after a crash of the machine, or for a backup.
 */

import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type RunId, workflowVersion } from '../../base/index.ts';
import { UnreadableRow } from './columns.ts';
import type { DatabaseFile } from './database-file.ts';
import { isCorruption } from './fault.ts';

/** A sentence for each fault, at most 1,000; none for a file that is whole. */
export function faultsOf(file: DatabaseFile): readonly string[] {
  const faults: string[] = [];
  const found = (fault: string) => {
    if (faults.length < 1_000) faults.push(fault);
  };
  noting(found, 'The file', () => {
    for (const row of file.db.prepare('PRAGMA integrity_check(100)').iterate()) {
      if (row.integrity_check !== 'ok') found(`SQLite: ${row.integrity_check}.`);
    }
  });
  noting(found, 'The list of runs', () => {
    for (const key of column(file.db, 'SELECT key FROM runs')) checkRun(file, Number(key), found);
    for (const table of ['journal', 'snapshots', 'logs', 'pins', 'run_attributes', 'run_values']) {
      const orphans = `SELECT DISTINCT run FROM ${table} WHERE run NOT IN (SELECT key FROM runs)`;
      for (const key of column(file.db, orphans))
        found(`Table "${table}" has rows of run number ${key}, which is not there.`);
    }
  });
  noting(found, 'The list of documents', () => {
    for (const version of column(file.db, 'SELECT version FROM documents')) {
      noting(found, `Document ${version}`, () => file.documents.get(workflowVersion(String(version))));
    }
  });
  noting(found, 'The list of results', () => {
    for (const key of column(file.db, 'SELECT key FROM results'))
      noting(found, `The result ${key}`, () => file.results.check(String(key)));
  });
  noting(found, 'The facts about the file', () => {
    for (const key of column(file.db, 'SELECT key FROM meta'))
      noting(found, `The fact "${key}"`, () => file.meta.get(String(key)));
  });
  return faults;
}

function checkRun(file: DatabaseFile, key: number, found: (fault: string) => void): void {
  const name = `Run number ${key}`;
  // Of a run whose row cannot be read, what is sealed cannot be either.
  let run = '' as RunId;
  noting(found, name, () => {
    const row = file.runs.byKey(key)?.row;
    run = row?.run ?? run;
    const missing = file.attributes.missing(key, row?.attributes);
    if (missing.length > 0) found(`${name} cannot be found by its attributes ${missing.join(', ')}.`);
  });
  noting(found, name, () => file.snapshots.check(key, run));
  noting(found, name, () => file.pins.of(key));
  noting(found, `A large value of run number ${key}`, () => file.values.check(key, run));
  noting(found, name, () => {
    const revision = file.runs.leastRevision(key);
    const reached = file.journal.check(key, run);
    if (reached < revision)
      throw new UnreadableRow(`its journal ends at revision ${reached}, but it was at ${revision}`);
  });
  noting(found, `The output of run number ${key}`, () => {
    const unreadable = file.logs.unreadable(key, run);
    if (unreadable > 0) throw new UnreadableRow(`${unreadable} rows fail their checksums`);
  });
}

function noting(found: (fault: string) => void, what: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof UnreadableRow) && !isCorruption(error)) throw error;
    found(`${what} cannot be read: ${(error as Error).message}.`);
  }
}

/** The first column of every row. */
function column(db: DatabaseSync, sql: string): readonly SQLOutputValue[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all().map((row) => Object.values(row)[0] ?? null);
}
