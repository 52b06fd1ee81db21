/**
 * The DAG program: a task starts once what it needs allows it, and the run ends when nothing runs and nothing may start.
 *
 * Which tasks may start follows from the shape of the graph and is worked out while events are folded; here conditions are
 * asked, inputs rendered, and failures weighed.
 */

import { type Json, type JsonObject, setOwn } from '../../base/index.ts';
import { type Binding, type DagDefinition, type DagTask, ownAction, type ValueSource } from '../../definition/index.ts';
import { truthy } from '../../expression/index.ts';
import { evaluateSource } from '../evaluate-source.ts';
import type { Recorded } from '../events.ts';
import type { Desk, EndedTask, Program, RerunRequest } from '../program.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { RenderError, type RenderPlace, renderCompensation, renderTask } from '../render.ts';
import type { RunState } from '../run.ts';
import type { OpenTask, Outcome, TaskKind, TaskSpec } from '../task.ts';
import { nativeActions } from '../waits.ts';
import { readAdded } from './added.ts';
import { foldDag, freezeDag, reached, thawDag } from './fold.ts';
import type { DagNote } from './notes.ts';
import { type DagPlan, dagPlan } from './plan.ts';
import { DagScope, type DagView, variablesFor, variablesForOutput, wordOf } from './scope.ts';
import {
  type DagState,
  eachNeed,
  firstReady,
  isOver,
  letters,
  nameAt,
  newDagState,
  numberOf,
  taskCount,
} from './state.ts';

/** Conditions asked, and tasks told, before the kernel has a turn with what was told. */
const toldAtOnce = 1_000;
/** Names that `describe` gives of each kind. */
const namesShown = 50;

export interface DagOptions {
  /** Which actions the kernel carries out itself; default `nativeActions`. */
  readonly native?: ReadonlyMap<string, TaskKind>;
  /** Why it cannot decide here: code that the definition needs is missing. */
  readonly lacks?: string | undefined;
  /** What the names of its own actions begin with. */
  readonly own?: string;
}

/** The program of one dependency graph. Shared by all its runs: it holds no state of theirs. */
export function dagProgram(definition: DagDefinition, options: DagOptions = {}): Program {
  return new DagProgram(definition, options);
}

class DagProgram implements Program {
  readonly style = 'dag';
  readonly runsOnce = true;
  readonly lacks: string | undefined;
  readonly #plan: DagPlan;
  readonly #native: ReadonlyMap<string, TaskKind>;
  readonly #own: { readonly own?: string };

  constructor(definition: DagDefinition, { native = nativeActions, lacks, own }: DagOptions) {
    this.#plan = dagPlan(definition);
    this.#native = native;
    this.#own = own === undefined ? {} : { own };
    this.lacks = lacks;
  }

  initial(): DagState {
    return newDagState(this.#plan);
  }

  evolve(run: RunState, event: Recorded): void {
    foldDag(run, event);
  }

  freeze(run: RunState): Json {
    return freezeDag(run.program as DagState);
  }

  thaw(state: Json): DagState {
    return thawDag(state, this.#plan);
  }

  start(run: RunState, desk: Desk): void {
    const { input, vars } = this.#plan.definition;
    const state = run.program as DagState;
    let variables: JsonObject = { ...run.context, ...run.input };
    const rendered: { [name: string]: Json } = {};
    let failed = false;
    const bind = (name: string, source: ValueSource): void => {
      const value = evaluateSource(source, new DagScope(state, desk, { variables }));
      if (!value.ok) {
        desk.tell({ type: 'error', error: { kind: 'expression', message: value.error.message } });
        failed = true;
        return;
      }
      setOwn(rendered, name, value.value);
      variables = { ...variables, [name]: value.value };
    };
    for (const { name, value } of input) {
      if (Object.hasOwn(run.input, name)) continue;
      if (value !== undefined) bind(name, value);
      else setOwn(rendered, name, null);
    }
    for (const { name, value } of vars) bind(name, value);
    note(desk, failed ? ['begin', 'failed'] : ['begin'], Object.keys(rendered).length > 0 ? rendered : undefined);
    if (failed) desk.tell({ type: 'fail' });
  }

  taskEnded(run: RunState, ended: EndedTask, desk: Desk): void {
    const state = run.program as DagState;
    const { status } = ended.outcome;
    if (status === 'canceled' && (run.status === 'running' || run.status === 'pausing')) desk.tell({ type: 'cancel' });
    if (status === 'failed' && this.#plan.definition.failure === 'stop') desk.tell({ type: 'fail' });
    if (status === 'succeeded') this.#expand(state, ended, desk);
  }

  next(run: RunState, desk: Desk): boolean {
    if (run.status !== 'running') return false;
    const state = run.program as DagState;
    const { concurrency = Number.POSITIVE_INFINITY } = this.#plan.definition;
    let told = 0;
    for (; told < toldAtOnce && run.open.size < concurrency; told += 1) {
      const task = firstReady(state);
      if (task === undefined) break;
      if (!this.#tell(state, task, desk)) return false;
    }
    if (told === 0 && run.open.size === 0 && firstReady(state) === undefined) this.#conclude(state, desk);
    return told > 0;
  }

  /** Has a task scheduled, or skipped where its condition does not hold. False where it cannot be rendered. */
  #tell(state: DagState, task: number, desk: Desk): boolean {
    const defined = this.#plan.tasks[task];
    try {
      if (defined === undefined) return desk.tell({ type: 'task', spec: this.#addedSpec(state, task) }) >= 0;
      const variables = variablesFor(state, task);
      if (defined.when !== undefined && !this.#holds(state, defined, defined.when, variables, desk)) {
        note(desk, ['skipped', task]);
        return true;
      }
      return desk.tell({ type: 'task', spec: renderTask(defined, this.#place(state, task, variables, desk)) }) >= 0;
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      desk.tell({ type: 'error', error: { kind: error.kind, message: error.message, task: nameAt(state, task) } });
      desk.tell({ type: 'fail' });
      return false;
    }
  }

  #addedSpec(state: DagState, task: number): TaskSpec {
    const { name, action, input = null } = state.added[task - this.#plan.tasks.length]!;
    if (action === undefined) return { name, route: task, kind: 'noop', input: null };
    const called = action.startsWith(ownAction) ? `${this.#own.own ?? ''}${action}` : action;
    return { name, route: task, kind: this.#native.get(called) ?? 'action', action: called, input };
  }

  #place(state: DagState, task: number, variables: JsonObject, desk: Desk): RenderPlace {
    const name = nameAt(state, task);
    const view: DagView = { variables, task: { name, route: 0, result: null } };
    return {
      name,
      route: task,
      at: desk.at,
      native: this.#native,
      ...this.#own,
      scope: (item) => new DagScope(state, desk, item === undefined ? view : { ...view, item }),
    };
  }

  #holds(state: DagState, { name }: DagTask, when: ValueSource, variables: JsonObject, desk: Desk): boolean {
    const scope = new DagScope(state, desk, { variables, task: { name, route: 0, result: null } });
    const answer = evaluateSource(when, scope);
    if (answer.ok) return truthy(answer.value);
    throw new RenderError('expression', `the condition of task "${name}": ${answer.error.message}`);
  }

  #expand(state: DagState, ended: EndedTask, desk: Desk): void {
    const task = ended.spec.route ?? -1;
    const defined = this.#plan.tasks[task];
    if (defined?.expand === undefined) return;
    const given = evaluateSource(defined.expand, this.#scopeAfter(state, task, ended.outcome, desk));
    const added = given.ok ? readAdded(given.value, state) : { ok: false as const, error: given.error.message };
    if (added.ok) {
      if (added.value.length > 0) note(desk, ['added', task, added.value]);
      return;
    }
    const message = `the tasks that "${defined.name}" adds cannot be added: ${added.error}`;
    desk.tell({ type: 'error', error: { kind: 'expand', message, task: defined.name } });
    desk.tell({ type: 'fail' });
  }

  #scopeAfter(state: DagState, task: number, outcome: Outcome, desk: Desk): DagScope {
    return new DagScope(state, desk, {
      variables: variablesFor(state, task),
      task: { name: nameAt(state, task), route: 0, result: outcome.output },
      ownStatus: outcome.status,
    });
  }

  compensation(run: RunState, { spec }: OpenTask, outcome: Outcome, desk: Desk): TaskSpec | undefined {
    const state = run.program as DagState;
    const task = spec.route ?? -1;
    const compensate = this.#plan.tasks[task]?.compensate;
    if (compensate === undefined) return undefined;
    return renderCompensation(compensate, spec.name, this.#scopeAfter(state, task, outcome, desk), {
      native: this.#native,
      ...this.#own,
    });
  }

  retries(run: RunState, { spec }: OpenTask, outcome: Outcome, desk: Desk): boolean {
    const state = run.program as DagState;
    const task = spec.route ?? -1;
    const when = this.#plan.tasks[task]?.retry?.when;
    if (when === undefined) return false;
    const answer = evaluateSource(when, this.#scopeAfter(state, task, outcome, desk));
    if (answer.ok) return truthy(answer.value);
    desk.tell({ type: 'error', error: { kind: 'expression', message: answer.error.message, task: spec.name } });
    desk.tell({ type: 'fail' });
    return false;
  }

  /** Nothing runs and nothing may start. */
  #conclude(state: DagState, desk: Desk): void {
    const { failure } = this.#plan.definition;
    desk.tell({ type: state.bad > 0 && failure !== 'partial' ? 'fail' : 'succeed' });
  }

  refuseRerun(run: RunState, requests: readonly RerunRequest[]): Refusal | undefined {
    const state = run.program as DagState;
    if (state.isUnset)
      return refuse(
        'rerun_not_possible',
        'its variables could not be rendered, so nothing of it has begun; start it anew',
      );
    for (const { name } of requests) {
      if (numberOf(state, name) === undefined) return refuse('unknown_task', `the run has no task "${name}"`);
    }
    const chosen = this.#chosen(state, requests);
    const unfinished = state.status.subarray(0, taskCount(state)).some((letter) => !isOver(letter));
    if (chosen.length === 0 && !unfinished)
      return refuse('nothing_to_rerun', 'no task of the run failed; name the tasks that are to run again');
    const again = reached(state, chosen);
    for (const task of again) {
      let missing: number | undefined;
      eachNeed(state, task, (need) => {
        const isGone = state.status[need] === letters.succeeded && !state.results.has(need) && !again.has(need);
        if (isGone && !this.#readsNothing(state, task)) missing ??= need;
      });
      if (missing === undefined) continue;
      const message = `"${nameAt(state, task)}" would need the result of "${nameAt(state, missing)}", which is not kept any more; run that again too, or fork the run at an event before`;
      return refuse('rerun_not_possible', message);
    }
    return undefined;
  }

  /** True for a task whose input is plain data. */
  #readsNothing(_state: DagState, task: number): boolean {
    const defined = this.#plan.tasks[task];
    if (defined === undefined) return true;
    const {
      when,
      action,
      input,
      with: items,
      delay,
      timeout,
      deadline,
      retry,
      fallback,
      compensate,
      cache,
      expand,
    } = defined;
    return [
      ...[when, action, input, items?.items, items?.concurrency, delay, timeout, deadline, expand, cache?.key],
      ...[retry?.count, retry?.delay, retry?.when, fallback?.action, fallback?.input],
      ...[compensate?.action, compensate?.input, compensate?.timeout],
    ].every((source) => source === undefined || source.constant);
  }

  rerun(run: RunState, requests: readonly RerunRequest[], desk: Desk): void {
    const state = run.program as DagState;
    const chosen = this.#chosen(state, requests);
    note(desk, ['rerun', chosen]);
  }

  #chosen(state: DagState, requests: readonly RerunRequest[]): number[] {
    if (requests.length > 0) return requests.map(({ name }) => numberOf(state, name)!);
    const chosen: number[] = [];
    const count = taskCount(state);
    for (let task = 0; task < count; task += 1) {
      const letter = state.status[task];
      if (letter === letters.failed || letter === letters.canceled) chosen.push(task);
    }
    return chosen;
  }

  output(run: RunState, desk: Desk): Json {
    const state = run.program as DagState;
    const { output } = this.#plan.definition;
    if (output === undefined) return this.#leafResults(state);
    const isWhole = run.status === 'running';
    const variables = variablesForOutput(state);
    if (!isBindings(output)) {
      const value = evaluateSource(output, new DagScope(state, desk, { variables }));
      if (value.ok) return value.value;
      // What is missing because the run failed is no second failure.
      if (isWhole) this.#blameOutput(value.error.message, desk);
      return null;
    }
    const given: { [name: string]: Json } = {};
    let seen = variables;
    for (const binding of output) {
      const value = evaluateSource(binding.value, new DagScope(state, desk, { variables: seen }));
      if (!value.ok) {
        if (isWhole) this.#blameOutput(value.error.message, desk);
        continue;
      }
      seen = { ...seen, [binding.name]: value.value };
      setOwn(given, binding.name, value.value);
    }
    return Object.keys(given).length === 0 ? null : given;
  }

  #blameOutput(message: string, desk: Desk): void {
    desk.tell({ type: 'error', error: { kind: 'expression', message: `the output: ${message}` } });
    desk.tell({ type: 'fail' });
  }

  /** The results of the tasks that nothing needs, by name; of those that gave one. */
  #leafResults(state: DagState): Json {
    const given: { [name: string]: Json } = {};
    const { kept } = this.#plan;
    const leaves = [...kept.keys()].filter((task) => kept[task] === 1 && state.results.has(task));
    const added = [...state.results.keys()].filter((task) => task >= kept.length).sort((a, b) => a - b);
    for (const task of [...leaves, ...added]) setOwn(given, nameAt(state, task), state.results.get(task) ?? null);
    return given;
  }

  describe(run: RunState): Json {
    const state = run.program as DagState;
    const counts: { [word: string]: number } = {};
    const skipped: string[] = [];
    const waiting: { task: string; needs: string[] }[] = [];
    const count = taskCount(state);
    for (let task = 0; task < count; task += 1) {
      const letter = state.status[task]!;
      const word = letter === letters.pending ? 'pending' : letter === letters.ready ? 'ready' : wordOf(letter);
      counts[word] = (counts[word] ?? 0) + 1;
      if ((letter === letters.skipped || letter === letters.cutOff) && skipped.length < namesShown)
        skipped.push(nameAt(state, task));
      if (letter !== letters.pending || waiting.length >= namesShown) continue;
      const needs: string[] = [];
      eachNeed(state, task, (need, gates) => {
        if (gates && !isOver(state.status[need])) needs.push(nameAt(state, need));
      });
      waiting.push({ task: nameAt(state, task), needs });
    }
    return { tasks: counts, waiting, skipped, added: state.added.map(({ name }) => name).slice(0, namesShown) };
  }
}

function isBindings(output: NonNullable<DagDefinition['output']>): output is readonly Binding[] {
  return Array.isArray(output);
}

function note(desk: Desk, told: DagNote, values?: Json): void {
  desk.tell({ type: 'note', note: told as unknown as Json, ...(values === undefined ? {} : { values }) });
}
