/**
 * Columns as this program's values, checked: a damaged file can hold a text where a number was written, or a number that
 * JavaScript cannot hold. Statements that read rows return integers as BigInt, so that one such number spoils its own row
 * and not the whole query.
 */

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

/** A row as it was read, not yet believed. */
export type Columns = Readonly<Record<string, SQLOutputValue>>;

/** A row cannot be what this store wrote: caught where the row's run is known. */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow';
}

/** Prepares a statement that reads rows of the tables. */
export function preparedRead(db: DatabaseSync, sql: string): StatementSync {
  return db.prepare(sql, { readBigInts: true });
}

/** As `preparedRead`; each row is an array of its columns, which takes two thirds of the time. */
export function preparedArrays(db: DatabaseSync, sql: string): ArraysStatement {
  return db.prepare(sql, { readBigInts: true, returnArrays: true }) as unknown as ArraysStatement;
}

export interface ArraysStatement {
  all(...parameters: (number | string)[]): readonly (readonly SQLOutputValue[])[];
}

export function integer(columns: Columns, name: string): number {
  const value = columns[name];
  const number = typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new UnreadableRow(`column "${name}" holds no whole number`);
  return number;
}

export function text(columns: Columns, name: string): string {
  const value = columns[name];
  if (typeof value !== 'string') throw new UnreadableRow(`column "${name}" holds no text`);
  return value;
}

export function optionalInteger(columns: Columns, name: string): number | undefined {
  return columns[name] === null ? undefined : integer(columns, name);
}

export function optionalText(columns: Columns, name: string): string | undefined {
  return columns[name] === null ? undefined : text(columns, name);
}

/** Throws unless the row's stored checksum is `computed`. */
export function assertChecksum(columns: Columns, computed: number): void {
  const stored = integer(columns, 'crc');
  if (stored !== computed) throw new UnreadableRow(`its checksum is ${computed}, not ${stored} as written`);
}
