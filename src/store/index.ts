export type { AttributeCondition, AttributeFilter } from './attribute-filter.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory/memory-store.ts';
export { canonicalPath } from './sqlite/canonical-path.ts';
export {
  type Acquired,
  type AcquireOptions,
  acquireOwnership,
  type OwnerClaim,
  type OwnerRow,
  type Ownership,
  readOwner,
} from './sqlite/ownership.ts';
export { socketPathFor } from './sqlite/socket-path.ts';
export type { SqliteReader } from './sqlite/sqlite-reader.ts';
export { openSqlite, openSqliteReader, type SqliteOptions, type SqliteStore } from './sqlite/sqlite-store.ts';
export type * from './store.ts';
export type { Removal, Stays, Sweep, Swept } from './sweep.ts';
export { type Sql, type SqlRow, type SqlValue, type SqlValues, type Worked, WorkUndidAll } from './user-sql.ts';
