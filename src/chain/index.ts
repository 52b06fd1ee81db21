export { Branch, type BranchOptions, branch, type Condition } from './branch.ts';
export { Chain, type ChainOptions, chain } from './chain.ts';
export { type ChainPorts, systemPorts } from './chain-ports.ts';
export { Composite, type CompositeOptions, structureOf } from './composite.ts';
export { ConfiguredStep, step } from './configured-step.ts';
export { type ConversationStore, inProcessConversations } from './conversation-store.ts';
export {
  type ChainEngine,
  type ChainRun,
  Durable,
  type DurableCallOptions,
  durable,
  storedConversations,
} from './durable.ts';
export type { ChunkOf, InputOf, OutputOf } from './fitting.ts';
export { Graph, type GraphOptions, graph } from './graph.ts';
export { checkInputKeys, narrowedToKeys } from './keys.ts';
export { type MapOptions, MapOver, map } from './map.ts';
export {
  bufferMemory,
  type Memory,
  type MemoryOptions,
  type Message,
  type SummaryMemoryOptions,
  summaryMemory,
  windowMemory,
} from './memory.ts';
export { assign, Parallel, type ParallelOptions, parallel, passthrough } from './parallel.ts';
export type { RetryOptions } from './retries.ts';
export type { ActionStep, AnyStep, BatchOptions, InvokeOptions, Runnable, StepContext } from './runnable.ts';
export type { Step, StepKind, StepOptions } from './step.ts';
export { StepFailed } from './step-failed.ts';
export type { Structure, StructureBody, StructureHead } from './structure.ts';
