/**
 * SQL of a user on the store's own database: what it writes is committed together with the run that wrote it.
 *
 * U1. Each piece of work is all or none: where it throws, nothing of it stays, and the other pieces of the transaction do.
 * U2. It cannot read or write the store's own tables, end the transaction, or change settings of the connection: not by a statement
 *     that is kept from before either, whose tables have become others since.
 * U3. Where it undoes the whole transaction all the same (`OR ROLLBACK`, a trigger that says `RAISE(ROLLBACK)`), that is told apart
 *     from what befalls the file: see `WorkUndidAll`.
 */

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { PawlError } from '../base/index.ts';

export type SqlValue = SQLInputValue;
export type SqlRow = Record<string, SQLOutputValue>;

/** What a transaction may do. Values are bound to `?` in order, or by name where one map of them is given. */
export interface Sql {
  /** Runs one statement. */
  run(statement: string, ...values: SqlValues): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  /** Its first row, or undefined. */
  get(statement: string, ...values: SqlValues): SqlRow | undefined;
  all(statement: string, ...values: SqlValues): SqlRow[];
  /** Runs several statements without values, such as those that make tables. */
  exec(statements: string): void;
}

export type SqlValues = readonly SqlValue[] | readonly [Readonly<Record<string, SqlValue>>];

/** How a piece of work went. */
export type Worked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** A piece of work has undone the transaction, and the pieces before it with it: nothing was written. */
export class WorkUndidAll extends Error {
  override readonly name = 'WorkUndidAll';
}

/** Numbers of https://sqlite.org/c3ref/c_alter_table.html. */
const asked = {
  pragma: 19,
  read: 20,
  transaction: 22,
  update: 23,
  attach: 24,
  detach: 25,
  call: 31,
  savepoint: 32,
};
/** The primary result code of https://sqlite.org/rescode.html for what tables and triggers refuse. */
const constraint = 19;
const [allowed, denied] = [0, 1];
const statementsKept = 200;

export class UserSql {
  readonly #db: DatabaseSync;
  readonly #own: ReadonlySet<string>;
  readonly #statements = new Map<string, StatementSync>();
  #isGuarding = false;
  /** What a statement under guard was not allowed. */
  #fault: string | undefined;

  /** @param own Names of the store's tables. */
  constructor(db: DatabaseSync, own: Iterable<string>) {
    this.#db = db;
    this.#own = new Set(own);
    // Once for all: setting it anew would have every statement of the connection compiled again.
    db.setAuthorizer((action, first, second) => {
      if (!this.#isGuarding) return allowed;
      this.#fault ??= this.#faultOf(action, first, second);
      return this.#fault === undefined ? allowed : denied;
    });
  }

  /** Does a piece of work inside the transaction that is open. Throws only where the whole transaction is lost. */
  work<T>(piece: (sql: Sql) => T): Worked<T> {
    const db = this.#db;
    db.exec('SAVEPOINT piece');
    let isOpen = true;
    const open = <A extends unknown[], R>(use: (...args: A) => R) => {
      return (...args: A): R => {
        if (isOpen) return this.#guarded(() => use(...args));
        throw new PawlError(
          'closed',
          'this transaction is over: use it inside the function it was given to, and do not await',
        );
      };
    };
    const sql: Sql = {
      run: open((statement: string, ...values: SqlValues) => {
        const { changes, lastInsertRowid } = this.#prepared(statement).run(...(values as SqlValue[]));
        return { changes: Number(changes), lastInsertRowid };
      }),
      get: open((statement: string, ...values: SqlValues) => this.#prepared(statement).get(...(values as SqlValue[]))),
      all: open((statement: string, ...values: SqlValues) => this.#prepared(statement).all(...(values as SqlValue[]))),
      exec: open((statements: string) => db.exec(statements)),
    };
    try {
      const value = piece(sql);
      if (isThenable(value)) {
        // What it comes to is nobody's business any more, and no reason to end the process.
        Promise.resolve(value).catch(() => {});
        throw new TypeError(
          'the function of a transaction must not be async: SQLite answers at once, and other work waits meanwhile',
        );
      }
      db.exec('RELEASE piece');
      return { ok: true, value };
    } catch (error) {
      // A full disk, for one, has undone the whole transaction already.
      if (!db.isTransaction) throw isRefusal(error) ? new WorkUndidAll(error.message, { cause: error }) : error;
      db.exec('ROLLBACK TO piece; RELEASE piece');
      return { ok: false, error };
    } finally {
      isOpen = false;
    }
  }

  #prepared(statement: string): StatementSync {
    const known = this.#statements.get(statement);
    if (known !== undefined) return known;
    const prepared = this.#db.prepare(statement);
    if (this.#statements.size >= statementsKept) this.#statements.clear();
    this.#statements.set(statement, prepared);
    return prepared;
  }

  /** Compiles and runs statements under guard: SQLite compiles one anew where tables have changed since. */
  #guarded<T>(use: () => T): T {
    this.#isGuarding = true;
    this.#fault = undefined;
    try {
      return use();
    } catch (error) {
      if (this.#fault !== undefined) throw new PawlError('not_allowed', this.#fault, { cause: error });
      throw error;
    } finally {
      this.#isGuarding = false;
    }
  }

  #faultOf(action: number, first: string | null, second: string | null): string | undefined {
    switch (action) {
      case asked.transaction:
      case asked.savepoint:
        return 'a transaction of a run cannot begin, commit or roll back: throw an error to undo it';
      case asked.pragma:
        return `PRAGMA ${first ?? ''} is not allowed in a transaction of a run`;
      case asked.attach:
      case asked.detach:
        return 'other files cannot be attached in a transaction of a run';
      default: {
        // The second of these is a column, or a function.
        const names =
          action === asked.read || action === asked.update || action === asked.call ? [first] : [first, second];
        const own = names.find((name) => name !== null && this.#own.has(name.toLowerCase()));
        return own === undefined ? undefined : `"${own}" is a table of Pawl: name your own tables otherwise`;
      }
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise || (typeof value === 'object' && value !== null && 'then' in value);
}

function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  return (error.errcode & 0xff) === constraint;
}
