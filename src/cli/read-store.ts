/** Reads a store file beside the process that drives it, or without one. */

import { PawlError, parseRunId, type RunId } from '../base/index.ts';
import { openSqliteReader, type SqliteReader } from '../store/index.ts';
import { codecOf } from './keys.ts';
import { requireFile } from './store-access.ts';

/** Opens the file, reads, closes it. */
export async function read<T>(path: string, work: (reader: SqliteReader) => Promise<T>): Promise<T> {
  requireFile(path);
  const codec = codecOf(process.env);
  const reader = await openSqliteReader(path, codec === undefined ? {} : { codec });
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** @throws PawlError `bad_input` */
export function requireRunId(text: string): RunId {
  const run = parseRunId(text);
  if (run === undefined) throw new PawlError('bad_input', `"${text}" is not the id of a run`);
  return run;
}
