/** Folds events into a flow run's state. Pure bookkeeping: what was evaluated stands in the notes. */

import { assert, type Json, type JsonObject, setOwn, type TaskNumber, unreachable } from '../../base/index.ts';
import type { Recorded, TaskEnded } from '../events.ts';
import type { RunState } from '../run.ts';
import type { TaskSpec } from '../task.ts';
import { commands, type FlowEdge, type FlowGraph, nodeOf } from './graph.ts';
import { inboundStatus } from './inbound.ts';
import type { FlowNote } from './notes.ts';
import {
  type Entry,
  type EntryStatus,
  type FlowState,
  foldContexts,
  isOpenAt,
  placeOf,
  releaseEntry,
  type Staged,
  setTerminal,
  stagedAt,
  unsetTerminals,
} from './state.ts';

export function foldFlow(run: RunState, event: Recorded, graph: FlowGraph): void {
  const state = run.program as FlowState;
  switch (event.type) {
    case 'TaskScheduled':
      return foldScheduled(run, state, event.task, event.spec);
    case 'AttemptStarted':
      return setStatus(state, event.task, 'running');
    case 'RetryScheduled':
      return setStatus(state, event.task, 'retrying');
    case 'TaskEnded':
      return foldEnded(run, state, graph, event);
    case 'ProgramNoted':
      return foldNote(run, state, graph, event.note as unknown as FlowNote, event.values ?? null);
    default:
      return;
  }
}

function setStatus(state: FlowState, task: TaskNumber, status: EntryStatus): void {
  const entry = state.entries.get(task);
  if (entry !== undefined) entry.status = status;
}

function foldScheduled(run: RunState, state: FlowState, number: TaskNumber, spec: TaskSpec): void {
  const staged = stagedAt(state, spec.name, spec.route ?? 0);
  assert(staged !== undefined, `task ${spec.name} was scheduled without being staged`);
  state.staged = state.staged.filter((other) => other !== staged);
  addEntry(run, state, number, staged, 'running');
  foldContexts(state);
}

/** Makes a staged task an instance, the latest of its place. */
function addEntry(run: RunState, state: FlowState, number: TaskNumber, staged: Staged, status: EntryStatus): Entry {
  const open = status === 'running';
  const { name, route, context, previous } = staged;
  const entry: Entry = {
    number,
    name,
    route,
    context,
    status,
    open,
    taken: [],
    terminal: false,
    epoch: run.epoch,
    previous,
    result: undefined,
    kept: undefined,
  };
  const place = placeOf(entry);
  const before = state.latest.get(place);
  state.entries.set(number, entry);
  state.latest.set(place, entry);
  if (before !== undefined) releaseEntry(state, before);
  for (const [, from] of previous) {
    const source = state.entries.get(from);
    if (source === undefined) continue;
    const sourcePlace = placeOf(source);
    const after = state.successors.get(sourcePlace);
    if (after === undefined) state.successors.set(sourcePlace, new Set([place]));
    else after.add(place);
  }
  return entry;
}

function foldEnded(run: RunState, state: FlowState, graph: FlowGraph, event: TaskEnded): void {
  const { task: number, outcome } = event;
  const entry = state.entries.get(number);
  assert(entry !== undefined, `task ${number} ended without an instance`);
  entry.open = false;
  // One that the run left has no status of its own: it stays as it was.
  if (event.dropped !== true) entry.status = outcome.status;
  if (entry.status === 'canceled') state.canceled = true;
  if (graph.asksForResults) entry.result = resultOf(run, number, outcome.output);
  entry.kept = outcome.status === 'succeeded' ? undefined : succeededItems(run, number);
  // A wait that canceling cut short ends its branch: what was known there is in the output.
  const cutShort = event.dropped === true && run.status === 'canceling' && run.open.get(number)?.waits !== undefined;
  if (nodeOf(graph, entry.name).out.length === 0 || run.status === 'failing' || cutShort) setTerminal(state, entry);
  if (event.dropped === true) stageAgain(state, entry);
  releaseEntry(state, entry);
}

/** What the run left unfinished as it ended goes on when it is rerun. */
function stageAgain(state: FlowState, entry: Entry): void {
  const { name, route, context, previous, kept } = entry;
  const again = { name, route, context, previous: [...previous] as Staged['previous'], ready: true, kept };
  state.staged.unshift({ ...again, whileFailing: false, again: false });
}

/** What `task()` shows of an ended task: its result, or for a list its items with their results. */
function resultOf(run: RunState, number: TaskNumber, output: Json): Json {
  const items = run.open.get(number)?.items;
  if (items === undefined) return output;
  return { items: items.status.map((status, item) => ({ item_id: item, status, result: items.output[item] ?? null })) };
}

/** What the items of a list gave that succeeded. Asked before the kernel closes the task. */
function succeededItems(run: RunState, number: TaskNumber): Entry['kept'] {
  const items = run.open.get(number)?.items;
  return items?.status.map((status, item) => (status === 'succeeded' ? { output: items.output[item] ?? null } : null));
}

function foldNote(run: RunState, state: FlowState, graph: FlowGraph, note: FlowNote, values: Json): void {
  switch (note[0]) {
    case 'begin':
      return foldBegin(run, state, graph, note[1] !== 'failed', (values ?? {}) as JsonObject);
    case 'taken': {
      const published = (values ?? []) as readonly (JsonObject | null)[];
      return foldTaken(run, state, graph, note[1], note[2], published);
    }
    case 'late':
      return;
    case 'terminal': {
      const entry = state.entries.get(note[1]);
      if (entry !== undefined) setTerminal(state, entry);
      return;
    }
    case 'rerun':
      return foldRerun(run, state, graph, note[1]);
    default:
      return unreachable(note, 'note of a flow');
  }
}

function foldBegin(run: RunState, state: FlowState, graph: FlowGraph, staged: boolean, rendered: JsonObject): void {
  const root: { [name: string]: Json } = { ...run.context };
  for (const name of graph.inputs) {
    if (Object.hasOwn(rendered, name)) setOwn(root, name, rendered[name]!);
    else if (Object.hasOwn(run.input, name)) setOwn(root, name, run.input[name]!);
  }
  for (const name of Object.keys(rendered)) setOwn(root, name, rendered[name]!);
  const context = state.contexts.root(root);
  state.routes.push([]);
  if (!staged) return;
  for (const name of run.from === undefined ? graph.entryPoints : [...run.from].sort()) {
    state.staged.push({
      name,
      route: 0,
      context,
      previous: [],
      ready: true,
      whileFailing: false,
      kept: undefined,
      again: false,
    });
  }
}

function foldTaken(
  run: RunState,
  state: FlowState,
  graph: FlowGraph,
  number: TaskNumber,
  taken: readonly number[],
  published: readonly (JsonObject | null)[],
): void {
  const entry = state.entries.get(number);
  assert(entry !== undefined, `transitions of task ${number}, which is gone`);
  entry.taken = taken;
  const readied: Staged[] = [];
  const commanded: Staged[] = [];
  taken.forEach((index, place) => {
    const edge = graph.edges[index]!;
    const values = published[place] ?? null;
    if (isLate(run, state, graph, edge, entry)) return;
    const staged = arrive(state, graph, edge, entry, values);
    if (commands.has(edge.target)) commanded.push(staged);
    else if (staged.ready) readied.push(staged);
  });
  const failing = commanded.some((staged) => staged.name === 'fail');
  if (failing) for (const staged of readied) staged.whileFailing = true;
  if (commanded.length > 0) state.staged = state.staged.filter((staged) => !commanded.includes(staged));
  for (const staged of commanded) {
    const command = addEntry(run, state, run.nextTask, staged, staged.name === 'fail' ? 'failed' : 'succeeded');
    run.nextTask += 1;
    setTerminal(state, command);
  }
  foldContexts(state);
}

/** True where the edge leads to a join outside any cycle that has run in this epoch: it does not run again. */
export function isLate(run: RunState, state: FlowState, graph: FlowGraph, edge: FlowEdge, from: Entry): boolean {
  const node = nodeOf(graph, edge.target);
  if (node.join === undefined || node.inCycle) return false;
  return state.latest.get(placeOf({ name: edge.target, route: from.route }))?.epoch === run.epoch;
}

/** Stages the target of an edge, or adds the arrival to what is staged there. */
function arrive(state: FlowState, graph: FlowGraph, edge: FlowEdge, from: Entry, values: JsonObject | null): Staged {
  const context = values === null ? from.context : state.contexts.publish(from.context, values);
  const route = routeOver(state, graph, edge, from.route);
  let staged = stagedAt(state, edge.target, route);
  if (staged === undefined) {
    staged = {
      name: edge.target,
      route,
      context,
      previous: [],
      ready: false,
      whileFailing: false,
      kept: undefined,
      again: false,
    };
    state.staged.push(staged);
  } else {
    staged.context = state.contexts.join(staged.context, context);
  }
  staged.previous.push([edge.index, from.number]);
  staged.ready = inboundStatus(state, graph, edge.target, from.route, false) === 'satisfied';
  return staged;
}

/** The route on which the target of an edge runs: a new one where it is a split. */
function routeOver(state: FlowState, graph: FlowGraph, edge: FlowEdge, route: number): number {
  if (!nodeOf(graph, edge.target).split) return route;
  const taken = state.routes[route]!;
  if (taken.includes(edge.backId)) return route;
  state.routes.push([...taken, edge.backId]);
  return state.routes.length - 1;
}

function foldRerun(
  run: RunState,
  state: FlowState,
  graph: FlowGraph,
  tasks: readonly (readonly [TaskNumber, boolean])[],
): void {
  const again: Staged[] = [];
  for (const [number, resetItems] of tasks) {
    const entry = state.entries.get(number);
    assert(entry !== undefined, `a rerun of task ${number}, which is gone`);
    run.errors.forget(entry.name);
    const place = placeOf(entry);
    const after = state.successors.get(place);
    unsetTerminals(
      state,
      (other) => other === entry || placeOf(other) === place || after?.has(placeOf(other)) === true,
    );
    // What was staged there meanwhile is another round of the task: it follows.
    again.push({
      name: entry.name,
      route: entry.route,
      context: entry.context,
      previous: [...entry.previous] as Staged['previous'],
      ready: true,
      whileFailing: false,
      kept: resetItems ? undefined : entry.kept,
      // A list begins anew only when it is handed out; anything else begins with the rerun, before other leftovers.
      again: nodeOf(graph, entry.name).task?.with === undefined,
    });
  }
  state.staged.unshift(...again);
  unsetTerminals(state, (entry) => entry.taken.length > 0);
}

/** The staged tasks that may be handed out now, in the order they were staged. */
export function readyTasks(run: RunState, state: FlowState): Staged[] {
  if (run.status !== 'running' && run.status !== 'failing') return [];
  const failing = run.status === 'failing';
  const seen = new Set<string>();
  return state.staged.filter((staged) => {
    if (!staged.ready || (failing && !staged.whileFailing) || isOpenAt(state, staged.name, staged.route)) return false;
    const place = placeOf(staged);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}
