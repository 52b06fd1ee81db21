/**
 * The flow program: walks a transition graph. A task's completion stages what its transitions name; what is ready is
 * handed out in batches, sorted by name and route; the run ends when nothing runs and nothing is staged.
 */

import type { Json, JsonObject } from '../../base/index.ts';
import type { Binding, FlowDefinition, Match } from '../../definition/index.ts';
import { type ExpressionError, truthy } from '../../expression/index.ts';
import { evaluateSource } from '../evaluate-source.ts';
import type { Recorded } from '../events.ts';
import type { Desk, EndedTask, Program, RerunRequest } from '../program.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { RenderError, type RenderPlace, renderCompensation, renderTask } from '../render.ts';
import type { RunState } from '../run.ts';
import type { OpenTask, Outcome, RunError, TaskKind, TaskSpec } from '../task.ts';
import { nativeActions } from '../waits.ts';
import { withVariable } from './contexts.ts';
import { foldFlow, isLate, readyTasks } from './fold.ts';
import { commands, type FlowEdge, type FlowGraph, flowGraph, nodeOf } from './graph.ts';
import { inboundStatus } from './inbound.ts';
import type { FlowNote } from './notes.ts';
import { scopeAt, type Viewpoint } from './scope.ts';
import { type Entry, type FlowState, freezeFlow, newFlowState, placeOf, type Staged, thawFlow } from './state.ts';

export interface FlowOptions {
  /** Which actions the kernel carries out itself; default `nativeActions`. */
  readonly native?: ReadonlyMap<string, TaskKind>;
}

/** The program of one flow document. Shared by all its runs: it holds no state of theirs. */
export function flowProgram(definition: FlowDefinition, options: FlowOptions = {}): Program {
  return new FlowProgram(definition, options.native ?? nativeActions);
}

class FlowProgram implements Program {
  readonly style = 'flow';
  readonly #definition: FlowDefinition;
  readonly #native: ReadonlyMap<string, TaskKind>;
  readonly #graph: FlowGraph;
  /** Graphs of runs that began at named tasks. */
  readonly #graphsFrom = new Map<string, FlowGraph>();

  constructor(definition: FlowDefinition, native: ReadonlyMap<string, TaskKind>) {
    this.#definition = definition;
    this.#native = native;
    this.#graph = flowGraph(definition);
  }

  initial(): FlowState {
    return newFlowState();
  }

  /** The tasks that are staged: those ready to begin, and joins with what has arrived and what they need. */
  describe(run: RunState): Json {
    const state = run.program as FlowState;
    const graph = this.#graphOf(run);
    const staged = state.staged.map(({ name, route, ready, previous }) => {
      const node = nodeOf(graph, name);
      const arrived = [...new Set(previous.map(([index]) => graph.edges[index]!.source))];
      return {
        task: name,
        route,
        ready,
        arrived,
        ...(node.join === undefined ? {} : { needs: node.join, of: [...node.sources] }),
      };
    });
    return { staged };
  }

  freeze(run: RunState): Json {
    return freezeFlow(run.program as FlowState);
  }

  thaw(state: Json): FlowState {
    return thawFlow(state);
  }

  evolve(run: RunState, event: Recorded): void {
    foldFlow(run, event, this.#graphOf(run));
  }

  start(run: RunState, desk: Desk): void {
    const state = run.program as FlowState;
    const errors: RunError[] = [];
    const { input, vars } = this.#definition;
    let variables: JsonObject = run.context ?? {};
    let rendered: JsonObject = {};
    for (const declared of input) {
      // What was given is data: it is not evaluated.
      if (Object.hasOwn(run.input, declared.name)) {
        variables = withVariable(variables, declared.name, run.input[declared.name]!);
        continue;
      }
      const value = declared.value === undefined ? null : this.#render(state, desk, variables, declared.value, errors);
      if (value === undefined) continue;
      variables = withVariable(variables, declared.name, value);
      rendered = withVariable(rendered, declared.name, value);
    }
    for (const binding of vars) {
      const value = this.#render(state, desk, variables, binding.value, errors);
      if (value === undefined) continue;
      variables = withVariable(variables, binding.name, value);
      rendered = withVariable(rendered, binding.name, value);
    }
    const some = Object.keys(rendered).length > 0;
    this.#note(desk, errors.length > 0 ? ['begin', 'failed'] : ['begin'], some ? rendered : undefined);
    if (errors.length === 0) return;
    for (const error of errors) desk.tell({ type: 'error', error });
    desk.tell({ type: 'fail' });
  }

  taskEnded(run: RunState, ended: EndedTask, desk: Desk): void {
    const state = run.program as FlowState;
    const graph = this.#graphOf(run);
    const entry = state.entries.get(ended.task);
    const node = nodeOf(graph, ended.spec.name);
    if (entry === undefined) return;
    if (node.out.length > 0) this.#takeTransitions(run, state, graph, entry, ended.outcome, desk);
    this.#judge(run, state, graph, entry, desk);
  }

  next(run: RunState, desk: Desk): boolean {
    const state = run.program as FlowState;
    const graph = this.#graphOf(run);
    const ready = readyTasks(run, state);
    if (ready.length === 0) return false;
    const batch = [];
    const errors: RunError[] = [];
    for (const staged of ready) {
      try {
        const task = nodeOf(graph, staged.name).task;
        if (task !== undefined) batch.push({ staged, spec: renderTask(task, this.#placeOf(staged, state, desk)) });
      } catch (error) {
        if (!(error instanceof RenderError)) throw error;
        errors.push({ kind: error.kind, message: error.message, task: staged.name, route: staged.route });
      }
    }
    if (errors.length > 0) {
      for (const error of errors) desk.tell({ type: 'error', error });
      desk.tell({ type: 'fail' });
      return false;
    }
    batch.sort((a, b) => Number(b.staged.again) - Number(a.staged.again) || compareStaged(a.staged, b.staged));
    for (const { spec } of batch) {
      if (desk.tell({ type: 'task', spec }) < 0) return false;
    }
    return true;
  }

  #placeOf(staged: Staged, state: FlowState, desk: Desk): RenderPlace {
    const { name, route, whileFailing, kept } = staged;
    const variables = state.contexts.value(staged.context);
    const view = { variables, task: { name, route, result: null } };
    return {
      name,
      route,
      at: desk.at,
      native: this.#native,
      whileFailing,
      kept,
      scope: (item) => scopeAt(state, desk, item === undefined ? view : { ...view, item }),
    };
  }

  compensation(run: RunState, task: OpenTask, outcome: Outcome, desk: Desk): TaskSpec | undefined {
    const state = run.program as FlowState;
    const entry = state.entries.get(task.task);
    const compensate = nodeOf(this.#graphOf(run), task.spec.name).task?.compensate;
    if (entry === undefined || compensate === undefined) return undefined;
    const scope = scopeAt(state, desk, this.#viewAfter(state, entry, outcome));
    return renderCompensation(compensate, task.spec.name, scope, { native: this.#native });
  }

  retries(run: RunState, task: OpenTask, outcome: Outcome, desk: Desk): boolean {
    const state = run.program as FlowState;
    const entry = state.entries.get(task.task);
    const when = nodeOf(this.#graphOf(run), task.spec.name).task?.retry?.when;
    if (entry === undefined || when === undefined) return false;
    const answer = evaluateSource(when, scopeAt(state, desk, this.#viewAfter(state, entry, outcome)));
    if (answer.ok) return truthy(answer.value);
    desk.tell({ type: 'error', error: { ...expressionError(answer.error), task: entry.name, route: entry.route } });
    desk.tell({ type: 'fail' });
    return false;
  }

  resumed(run: RunState, desk: Desk): void {
    const state = run.program as FlowState;
    if (run.status !== 'running' || run.open.size > 0 || hasReady(state)) return;
    const graph = this.#graphOf(run);
    if (this.#unreachableJoins(run, state, graph).length > 0) this.#fail(run, state, graph, desk, false);
    else desk.tell({ type: 'succeed' });
  }

  refuseRerun(run: RunState, requests: readonly RerunRequest[]): Refusal | undefined {
    const state = run.program as FlowState;
    for (const request of requests) {
      if (state.latest.has(placeOf({ name: request.name, route: request.route ?? 0 }))) continue;
      return refuse(
        'unknown_task',
        `the run has no task "${request.name}" on route ${request.route ?? 0} that could run again`,
      );
    }
    const chosen = this.#chosen(run, state, requests);
    if (chosen.length > 0 || state.staged.some((staged) => staged.ready)) return undefined;
    return refuse('nothing_to_rerun', 'no task of the run failed; name the tasks that are to run again');
  }

  rerun(run: RunState, requests: readonly RerunRequest[], desk: Desk): void {
    const state = run.program as FlowState;
    const chosen = this.#chosen(run, state, requests);
    this.#note(desk, ['rerun', chosen.map(({ entry, resetItems }) => [entry.number, resetItems] as const)]);
  }

  output(run: RunState, desk: Desk): Json {
    const state = run.program as FlowState;
    if (state.routes.length === 0 || !this.#begun(state)) return null;
    let variables = terminalContext(state);
    const output: { [key: string]: Json } = {};
    let failed = false;
    for (const binding of this.#definition.output) {
      const value = evaluateSource(binding.value, scopeAt(state, desk, { variables }));
      if (!value.ok) {
        desk.tell({ type: 'error', error: expressionError(value.error) });
        failed = true;
        continue;
      }
      variables = withVariable(variables, binding.name, value.value);
      Object.defineProperty(output, binding.name, {
        value: value.value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    if (failed) desk.tell({ type: 'fail' });
    return Object.keys(output).length === 0 ? null : output;
  }

  /** False where the run failed before any task was staged: there is nothing to render an output over. */
  #begun(state: FlowState): boolean {
    return state.latest.size > 0 || state.staged.length > 0;
  }

  #graphOf(run: RunState): FlowGraph {
    if (run.from === undefined) return this.#graph;
    const key = JSON.stringify(run.from);
    let graph = this.#graphsFrom.get(key);
    if (graph === undefined) {
      graph = flowGraph(this.#definition, run.from);
      this.#graphsFrom.set(key, graph);
    }
    return graph;
  }

  #note(desk: Desk, note: FlowNote, values?: Json): void {
    desk.tell({ type: 'note', note: note as unknown as Json, ...(values === undefined ? {} : { values }) });
  }

  #render(
    state: FlowState,
    desk: Desk,
    variables: JsonObject,
    template: Binding['value'],
    errors: RunError[],
  ): Json | undefined {
    const value = evaluateSource(template, scopeAt(state, desk, { variables }));
    if (value.ok) return value.value;
    errors.push(expressionError(value.error));
    return undefined;
  }

  #viewAfter(state: FlowState, entry: Entry, outcome: Outcome): Viewpoint {
    const variables = state.contexts.value(entry.context);
    return {
      variables,
      task: { name: entry.name, route: entry.route, result: outcome.output },
      ownStatus: outcome.status,
    };
  }

  #takeTransitions(
    run: RunState,
    state: FlowState,
    graph: FlowGraph,
    entry: Entry,
    outcome: Outcome,
    desk: Desk,
  ): void {
    const view = this.#viewAfter(state, entry, outcome);
    const node = nodeOf(graph, entry.name);
    const taken: number[] = [];
    const published: (JsonObject | null)[] = [];
    let failed = false;
    const blame = (error: ExpressionError, edge: FlowEdge): void => {
      const place = { task: entry.name, route: entry.route, transition: edge.id };
      desk.tell({ type: 'error', error: { ...expressionError(error), ...place } });
      failed = true;
    };
    const match = node.task?.match ?? this.#definition.match;
    for (const edge of holdingEdges(node.out, match, (edge) => this.#holds(state, desk, view, edge, blame))) {
      const values = this.#publish(state, desk, view, edge, blame);
      if (values === undefined) continue;
      taken.push(edge.index);
      published.push(Object.keys(values).length === 0 ? null : values);
    }
    const late = taken.filter((index) => isLate(run, state, graph, graph.edges[index]!, entry));
    const some = published.some((values) => values !== null);
    this.#note(desk, ['taken', entry.number, taken], some ? published : undefined);
    for (const index of late) this.#note(desk, ['late', graph.edges[index]!.target, entry.route]);
    if (failed) desk.tell({ type: 'fail' });
    if (taken.some((index) => graph.edges[index]!.target === 'fail')) {
      desk.tell({ type: 'error', error: { kind: 'task_failed', message: 'a transition said fail', task: 'fail' } });
    }
  }

  /** Whether the edge's condition holds; undefined where it cannot be told. */
  #holds(
    state: FlowState,
    desk: Desk,
    view: Viewpoint,
    edge: FlowEdge,
    blame: (error: ExpressionError, edge: FlowEdge) => void,
  ): boolean | undefined {
    const { when } = edge.transition;
    if (when === undefined) return true;
    const answer = evaluateSource(when, scopeAt(state, desk, view));
    if (answer.ok) return truthy(answer.value);
    blame(answer.error, edge);
    return undefined;
  }

  /** What the transition publishes; undefined where any of it fails. */
  #publish(
    state: FlowState,
    desk: Desk,
    view: Viewpoint,
    edge: FlowEdge,
    blame: (error: ExpressionError, edge: FlowEdge) => void,
  ): JsonObject | undefined {
    let { variables } = view;
    let values: JsonObject = {};
    let failed = false;
    for (const binding of edge.transition.publish) {
      const value = evaluateSource(binding.value, scopeAt(state, desk, { ...view, variables }));
      if (!value.ok) {
        blame(value.error, edge);
        failed = true;
        continue;
      }
      variables = withVariable(variables, binding.name, value.value);
      values = withVariable(values, binding.name, value.value);
    }
    return failed ? undefined : values;
  }

  /** Says what the end of an instance means for the run. */
  #judge(run: RunState, state: FlowState, graph: FlowGraph, entry: Entry, desk: Desk): void {
    const named = entry.taken.map((index) => graph.edges[index]!.target);
    const commanded = named.filter((target) => commands.has(target));
    if (entry.status === 'failed' && !named.some((target) => target !== 'continue'))
      this.#fail(run, state, graph, desk, commanded.length > 0);
    if (entry.status === 'canceled') this.#cancel(run, desk);
    const firstFail = commanded.indexOf('fail');
    if (firstFail !== -1) this.#fail(run, state, graph, desk, firstFail < commanded.length - 1);
    if (run.status === 'running' && hasCanceled(state)) this.#cancel(run, desk);
    const idle = run.open.size === 0;
    if (run.status === 'running' && idle && !hasReady(state)) {
      const unreachable = this.#unreachableJoins(run, state, graph);
      if (unreachable.length > 0) this.#fail(run, state, graph, desk, false);
    }
    const over = idle && (run.status === 'canceling' || (run.status === 'running' && !hasReady(state)));
    if (over || run.status === 'failing') this.#endBranch(desk, entry);
    // A run that somebody canceled is canceled; one that a canceled task took along may fail for its joins.
    if (run.status === 'canceling' && idle && run.canceledByTask) {
      const unreachable = this.#unreachableJoins(run, state, graph);
      for (const error of unreachable) desk.tell({ type: 'error', error });
      if (unreachable.length > 0) desk.tell({ type: 'fail' });
    }
    if (run.status === 'running' && over) desk.tell({ type: 'succeed' });
  }

  #endBranch(desk: Desk, entry: Entry): void {
    if (!entry.terminal) this.#note(desk, ['terminal', entry.number]);
  }

  /** Fails the run. `moreFollows`: commands of the same task are still to be carried out, so joins may yet be reached. */
  #fail(run: RunState, state: FlowState, graph: FlowGraph, desk: Desk, moreFollows: boolean): void {
    if (run.status !== 'running' && run.status !== 'pausing' && run.status !== 'paused') return;
    for (const error of this.#unreachableJoins(run, state, graph, moreFollows)) desk.tell({ type: 'error', error });
    desk.tell({ type: 'fail' });
  }

  #cancel(run: RunState, desk: Desk): void {
    if (run.status === 'running' || run.status === 'pausing' || run.status === 'paused') desk.tell({ type: 'cancel' });
  }

  /** Joins at which something has arrived and to which nothing more can come. */
  #unreachableJoins(run: RunState, state: FlowState, graph: FlowGraph, moreFollows = false): RunError[] {
    const active = moreFollows || run.open.size > 0 || hasReady(state);
    const errors: RunError[] = [];
    for (const staged of state.staged) {
      const node = nodeOf(graph, staged.name);
      if (staged.ready || node.join === undefined) continue;
      if (inboundStatus(state, graph, staged.name, staged.route, active) !== 'unsatisfied') continue;
      const arrived = new Set(staged.previous.map(([index]) => graph.edges[index]!.source)).size;
      const message = `the join "${staged.name}" needs ${node.join} of its ${node.sources.length} inbound tasks; ${arrived} arrived and no more can come`;
      errors.push({ kind: 'unreachable_join', message, task: staged.name, route: staged.route });
    }
    return errors;
  }

  /** The instances a rerun begins with: those named, or every failed end of a branch. */
  #chosen(run: RunState, state: FlowState, requests: readonly RerunRequest[]): { entry: Entry; resetItems: boolean }[] {
    const graph = this.#graphOf(run);
    if (requests.length === 0) {
      const failed = state.terminals.filter(
        (entry) => entry.status === 'failed' && nodeOf(graph, entry.name).task !== undefined,
      );
      return failed.sort(compareStaged).map((entry) => ({ entry, resetItems: false }));
    }
    const named = new Map<string, { entry: Entry; resetItems: boolean; reach: Set<string> }>();
    for (const request of requests) {
      const place = placeOf({ name: request.name, route: request.route ?? 0 });
      const entry = state.latest.get(place);
      if (entry === undefined) continue;
      const reach = new Set([place, ...(state.successors.get(place) ?? [])]);
      named.set(place, { entry, resetItems: request.resetItems === true, reach });
    }
    const all = [...named.values()];
    const isAfterAnother = (one: (typeof all)[number]): boolean =>
      all.length > 1 &&
      all.every((other) => [...one.reach].every((place) => other.reach.has(place)) || other === one) &&
      all.some((other) => other !== one);
    return all.filter((one) => !isAfterAnother(one)).sort((a, b) => compareStaged(a.entry, b.entry));
  }
}

/** The edges whose condition holds, in order; with `first`, those of the first transition of the document that holds. */
function holdingEdges(
  edges: readonly FlowEdge[],
  match: Match,
  holds: (edge: FlowEdge) => boolean | undefined,
): readonly FlowEdge[] {
  if (match === 'all') return edges.filter((edge) => holds(edge) === true);
  const inDocumentOrder = [...edges].sort((a, b) => a.transition.index - b.transition.index);
  let last = -1;
  for (const edge of inDocumentOrder) {
    if (edge.transition.index === last) continue;
    last = edge.transition.index;
    const answer = holds(edge);
    if (answer === undefined) return [];
    if (answer) return edges.filter((other) => other.transition.index === last);
  }
  return [];
}

function compareStaged(a: Pick<Staged, 'name' | 'route'>, b: Pick<Staged, 'name' | 'route'>): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.route - b.route;
}

function hasReady(state: FlowState): boolean {
  return state.staged.some((staged) => staged.ready);
}

function hasCanceled(state: FlowState): boolean {
  if (!state.canceled) return false;
  for (const entry of state.latest.values()) if (entry.status === 'canceled') return true;
  return false;
}

/** What the output is rendered over: the contexts of all ends of branches, in the order their instances began. */
function terminalContext(state: FlowState): JsonObject {
  return state.contexts.joinedValue(state.terminals.map((entry) => entry.context));
}

function expressionError(error: ExpressionError): RunError {
  return { kind: 'expression', message: error.message };
}
