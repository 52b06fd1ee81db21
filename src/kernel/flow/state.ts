/**
 * What a flow run knows beside the kernel's state: its instances of tasks, what is staged, routes and contexts.
 *
 * F1. `latest` holds, for each task and route, the instance that began last; only it answers for the task.
 * F2. `entries` holds the instances that something still asks about: open ones, latest ones, terminal ones.
 * F3. A staged task is ready once enough has arrived; it leaves staging when it is scheduled.
 */

import type { Json, TaskNumber } from '../../base/index.ts';
import { Contexts } from './contexts.ts';

/** Orquesta's words for the status of a task, as expressions see them. */
export type EntryStatus = 'running' | 'retrying' | 'succeeded' | 'failed' | 'canceled';

/** One instance of a task, or of a command that a transition named. */
export interface Entry {
  readonly number: TaskNumber;
  readonly name: string;
  readonly route: number;
  /** Its incoming context. */
  readonly context: number;
  status: EntryStatus;
  open: boolean;
  /** Indices of the edges whose condition held. */
  taken: readonly number[];
  /** True where its branch ends here: its context goes into the output. */
  terminal: boolean;
  readonly epoch: number;
  /** The edges that led here and the instances they came from. */
  readonly previous: readonly (readonly [edge: number, from: TaskNumber])[];
  /** What the instance gave; kept only where the document asks for it (`task()`). */
  result: Json | undefined;
  /** What the items gave that succeeded, where others did not: a rerun keeps it. */
  kept: readonly ({ readonly output: Json } | null)[] | undefined;
}

export interface Staged {
  readonly name: string;
  readonly route: number;
  context: number;
  readonly previous: [edge: number, from: TaskNumber][];
  ready: boolean;
  /** Named beside `fail`: starts although the run is failing. */
  whileFailing: boolean;
  readonly kept: Entry['kept'];
  /** Asked for by a rerun: begins before what was staged by itself. */
  readonly again: boolean;
}

export interface FlowState {
  contexts: Contexts;
  /** Of each route, the split-making edges that were taken. */
  routes: string[][];
  readonly entries: Map<TaskNumber, Entry>;
  readonly latest: Map<string, Entry>;
  staged: Staged[];
  /** In order of their numbers. */
  terminals: Entry[];
  /** For each task and route, the ones it has led to. */
  readonly successors: Map<string, Set<string>>;
  /** True once an instance was canceled. */
  canceled: boolean;
  /** The size of `contexts` at which folding is worth it again. */
  foldAt: number;
}

const foldAtLeast = 64;

export function newFlowState(): FlowState {
  return {
    contexts: new Contexts(),
    routes: [],
    entries: new Map(),
    latest: new Map(),
    staged: [],
    terminals: [],
    successors: new Map(),
    canceled: false,
    foldAt: foldAtLeast,
  };
}

/** The key of a task and route in `latest` and `successors`. Task names hold no line break. */
export function placeOf(task: { readonly name: string; readonly route: number }): string {
  return `${task.name}\n${task.route}`;
}

/** The status of a task as an expression on `route` sees it: here, or on the longest earlier route that leads to this one. */
export function taskStatus(state: FlowState, name: string, route: number): EntryStatus | undefined {
  return latestSeen(state, name, route)?.status;
}

/** The latest instance of a task as an expression on `route` sees it; found as `taskStatus` finds it. */
export function latestSeen(state: FlowState, name: string, route: number): Entry | undefined {
  for (let at: number | undefined = route; at !== undefined; at = earlierRoute(state, at)) {
    const entry = state.latest.get(placeOf({ name, route: at }));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function earlierRoute(state: FlowState, route: number): number | undefined {
  const edges = new Set(state.routes[route]);
  for (let earlier = route - 1; earlier >= 0; earlier -= 1) {
    if (state.routes[earlier]!.every((edge) => edges.has(edge))) return earlier;
  }
  return undefined;
}

/** The staged task of that name and route. */
export function stagedAt(state: FlowState, name: string, route: number): Staged | undefined {
  return state.staged.find((staged) => staged.name === name && staged.route === route);
}

/** True where an instance of the task is open on this route. */
export function isOpenAt(state: FlowState, name: string, route: number): boolean {
  return state.latest.get(placeOf({ name, route }))?.open === true;
}

/** Marks the end of a branch. */
export function setTerminal(state: FlowState, entry: Entry): void {
  if (entry.terminal) return;
  entry.terminal = true;
  const { terminals } = state;
  let place = terminals.length;
  while (place > 0 && terminals[place - 1]!.number > entry.number) place -= 1;
  terminals.splice(place, 0, entry);
}

export function unsetTerminals(state: FlowState, which: (entry: Entry) => boolean): void {
  state.terminals = state.terminals.filter((entry) => {
    if (!which(entry)) return true;
    entry.terminal = false;
    return false;
  });
}

/** Forgets an instance that nothing asks about any more. */
export function releaseEntry(state: FlowState, entry: Entry): void {
  if (entry.open || entry.terminal || state.latest.get(placeOf(entry)) === entry) return;
  state.entries.delete(entry.number);
}

/** Keeps the table of contexts as small as what is held needs. Costs its size, once it has doubled. */
export function foldContexts(state: FlowState): void {
  if (state.contexts.size < state.foldAt) return;
  foldTerminals(state);
  const held = [...state.entries.values()].map((entry) => entry.context);
  for (const staged of state.staged) held.push(staged.context);
  state.contexts.fold(held);
  state.foldAt = Math.max(foldAtLeast, 2 * state.contexts.size);
}

/** Neighbouring ends of branches that a later round has superseded become one: a loop that sheds one a round stays flat. */
function foldTerminals(state: FlowState): void {
  const open = [...state.entries.values()].filter((entry) => entry.open).map((entry) => entry.number);
  const superseded = (entry: Entry): boolean => state.latest.get(placeOf(entry)) !== entry;
  const folded: Entry[] = [];
  for (const entry of state.terminals) {
    const last = folded[folded.length - 1];
    const joins =
      last !== undefined &&
      superseded(last) &&
      superseded(entry) &&
      !open.some((number) => number > last.number && number < entry.number);
    if (!joins) {
      folded.push(entry);
      continue;
    }
    const both: Entry = { ...entry, context: state.contexts.join(last.context, entry.context) };
    state.entries.delete(last.number);
    state.entries.set(both.number, both);
    folded[folded.length - 1] = both;
  }
  state.terminals = folded;
}

export function freezeFlow(state: FlowState): Json {
  const entries = [...state.entries.values()].map((entry) => ({
    ...entry,
    kept: entry.kept ?? null,
    result: entry.result ?? null,
  }));
  return {
    contexts: state.contexts.freeze(),
    routes: state.routes,
    entries,
    latest: [...state.latest.values()].map((entry) => entry.number),
    staged: state.staged.map((staged) => ({ ...staged, kept: staged.kept ?? null })),
    successors: [...state.successors].map(([place, after]) => [place, [...after]]),
    canceled: state.canceled,
    foldAt: state.foldAt,
  } as unknown as Json;
}

export function thawFlow(frozen: Json): FlowState {
  const stored = frozen as unknown as {
    contexts: Json;
    routes: string[][];
    entries: (Omit<Entry, 'kept' | 'result'> & { kept: Entry['kept'] | null; result: Json })[];
    latest: TaskNumber[];
    staged: (Omit<Staged, 'kept'> & { kept: Entry['kept'] | null })[];
    successors: [string, string[]][];
    canceled: boolean;
    foldAt: number;
  };
  const state = newFlowState();
  state.contexts = Contexts.thaw(stored.contexts);
  state.routes = stored.routes;
  for (const entry of stored.entries)
    state.entries.set(entry.number, { ...entry, kept: entry.kept ?? undefined, result: entry.result ?? undefined });
  for (const number of stored.latest) {
    const entry = state.entries.get(number)!;
    state.latest.set(placeOf(entry), entry);
  }
  state.staged = stored.staged.map((staged) => ({ ...staged, kept: staged.kept ?? undefined }));
  state.terminals = [...state.entries.values()].filter((entry) => entry.terminal).sort((a, b) => a.number - b.number);
  for (const [place, after] of stored.successors) state.successors.set(place, new Set(after));
  state.canceled = stored.canceled;
  state.foldAt = stored.foldAt;
  return state;
}
