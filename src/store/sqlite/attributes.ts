/**
 * The index of runs by their attributes. The truth is in the runs' rows: what is found here is held against them, and a run that
 * damage hides from here is a fault that `verify` reports.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Attributes, AttributeValue } from '../../base/index.ts';
import type { AttributeCondition, AttributeFilter } from '../attribute-filter.ts';
import { preparedRead } from './columns.ts';

/** More than so many matches of a range, and the runs are walked instead. */
const rangeMost = 1_000;

const kinds = { string: 0, number: 1, boolean: 2 } as const;

export interface AttributeRange {
  /** Conditions on `a`, a row of this table. */
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export class AttributeIndex {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeAll: StatementSync;
  readonly #has: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare('INSERT OR REPLACE INTO run_attributes (name, kind, value, run) VALUES (?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM run_attributes WHERE name = ? AND kind = ? AND value = ? AND run = ?');
    this.#removeAll = db.prepare('DELETE FROM run_attributes WHERE run = ?');
    this.#has = preparedRead(db, 'SELECT 1 FROM run_attributes WHERE name = ? AND kind = ? AND value = ? AND run = ?');
  }

  change(key: number, before: Attributes | undefined, after: Attributes | undefined): void {
    if (before === after) return;
    for (const [name, value] of Object.entries(before ?? {})) {
      if (after === undefined || !Object.hasOwn(after, name) || after[name] !== value)
        this.#remove.run(...place(name, value), key);
    }
    for (const [name, value] of Object.entries(after ?? {})) {
      if (before === undefined || !Object.hasOwn(before, name) || before[name] !== value)
        this.#insert.run(...place(name, value), key);
    }
  }

  /** Removes what there is of a run whose row cannot tell. Looks at every row. */
  removeAll(key: number): void {
    this.#removeAll.run(key);
  }

  /** Names of the attributes of a run that are missing here. */
  missing(key: number, attributes: Attributes | undefined): readonly string[] {
    return Object.entries(attributes ?? {}).flatMap(([name, value]) =>
      this.#has.get(...place(name, value), key) === undefined ? [name] : [],
    );
  }

  /** What of the filter finds few runs by this index; undefined where it is better to walk the runs. */
  narrow(filter: AttributeFilter): AttributeRange | undefined {
    const conditions = Object.entries(filter);
    for (const [name, { eq }] of conditions) {
      if (eq === undefined) continue;
      const [, kind, value] = place(name, eq);
      return { sql: 'a.name = ? AND a.kind = ? AND a.value = ?', values: [name, kind, value] };
    }
    for (const [name, condition] of conditions) {
      const range = rangeOf(name, condition);
      if (range !== undefined && this.#isSmall(range)) return range;
    }
    return undefined;
  }

  #isSmall({ sql, values }: AttributeRange): boolean {
    const statement = this.#db.prepare(
      `SELECT count(*) AS n FROM (SELECT 1 FROM run_attributes a WHERE ${sql} LIMIT ${rangeMost + 1})`,
    );
    return Number(statement.get(...values)?.n) <= rangeMost;
  }
}

function rangeOf(name: string, { gt, gte, lt, lte }: AttributeCondition): AttributeRange | undefined {
  const bounds = [
    ['>', gt],
    ['>=', gte],
    ['<', lt],
    ['<=', lte],
  ].filter((bound): bound is [string, AttributeValue] => bound[1] !== undefined);
  const [first] = bounds;
  if (first === undefined) return undefined;
  const [, kind] = place(name, first[1]);
  return {
    sql: ['a.name = ? AND a.kind = ?', ...bounds.map(([sign]) => `a.value ${sign} ?`)].join(' AND '),
    values: [name, kind, ...bounds.map(([, value]) => place(name, value)[2])],
  };
}

function place(name: string, value: AttributeValue): [name: string, kind: number, value: SQLInputValue] {
  const kind = kinds[typeof value as keyof typeof kinds];
  return [name, kind, typeof value === 'boolean' ? Number(value) : value];
}
