export { MemoryStore, type MemoryStoreOptions } from './memory/memory-store.ts';
export type * from './store.ts';
