/**
 * Where Pawl differs from Orquesta on purpose, and what it does instead: the rules of `docs/orquesta-differences.md` about
 * runs, in code. A rule applies by what a case's document, data and controls are, never by its name.
 */

import { isDeepStrictEqual } from 'node:util';
import type { RunId } from '../../src/base/index.ts';
import { evolve, newRun, type Program, type Recorded } from '../../src/kernel/index.ts';
import type { ConductCase, Outline } from './conduct.ts';

export interface Difference {
  /** The rule's anchor in `docs/orquesta-differences.md`. */
  readonly rule: string;
  /** Parts of the outline that it changes in ways `faults` judges. */
  readonly changes?: readonly (keyof Outline)[];
  /** What it makes of the expectation. */
  readonly predict?: (expected: Outline) => Outline;
  /** What of the outcome is not as the rule says. */
  readonly faults?: (actual: Outline, expected: Outline) => string[];
}

export interface Played {
  /** The case as it stands in its file. */
  readonly text: string;
  readonly one: ConductCase;
  readonly history: readonly Recorded[];
  readonly program: Program;
}

export function differencesOf(played: Played): Difference[] {
  const found = watch(played);
  const rules: Difference[] = [];
  if (played.one.mocks.some((mock) => mock.status === 'pending' || mock.status === 'paused'))
    rules.push(askHoldsItsBranch);
  if (/[:[,]\s*-?\d+\.0+\s*[,}\]]/.test(dataOf(played.text))) rules.push(numbersAreJson);
  if (found.late) rules.push(joinFiresOnce);
  if (found.queued) rules.push(arrivalsWait);
  if (found.nullAction) rules.push(nullIsNoAction);
  if (cancelMetAJoin(played)) rules.push(canceledStaysCanceled);
  const unfinished = unfinishedLists(played);
  if (unfinished.length > 0) rules.push(listGoesOnAsAnother(unfinished));
  const unbegun = unbegunReruns(played);
  if (unbegun.length > 0) rules.push(rerunBeginsWhenHandedOut(unbegun));
  const before = statusBeforeEmptyRerun(played);
  if (before !== undefined) rules.push(nothingToRerun(before));
  return rules;
}

/** The branch that asks waits, and the others go on: the same end, by other steps. */
const askHoldsItsBranch: Difference = { rule: 'ask-holds-its-branch', changes: ['steps', 'sequence', 'order'] };

/** As data, 2.0 is 2: a text that shows it says so. */
const numbersAreJson: Difference = {
  rule: 'numbers-are-json',
  predict: (expected) => JSON.parse(JSON.stringify(expected).replace(/(\d)\.0(?!\d)/g, '$1')) as Outline,
};

/** A join that has fired drops what arrives late; what came after the second firing does not happen. */
const joinFiresOnce: Difference = {
  rule: 'a-join-fires-once',
  changes: ['counts', 'sequence', 'order', 'steps', 'errors'],
  faults: (actual, expected) => countFaults(actual, expected, (mine, theirs) => mine <= theirs, 'more often than'),
};

/** An arrival at a task that runs waits for its end and is then one instance more: nothing is lost or handed out twice. */
const arrivalsWait: Difference = {
  rule: 'arrivals-wait-their-turn',
  changes: ['counts', 'sequence', 'order', 'steps', 'errors', 'output'],
  faults: (actual, expected) => countFaults(actual, expected, (mine, theirs) => mine >= theirs, 'less often than'),
};

/** An action whose name renders to null is no action: the task completes at once, as one without an action does. */
const nullIsNoAction: Difference = { rule: 'null-is-no-action', changes: ['steps'] };

/** A run that was canceled is canceled, also where a join had met only some of its branches. */
const canceledStaysCanceled: Difference = {
  rule: 'canceled-stays-canceled',
  predict: (expected) => ({
    ...expected,
    status: 'canceled',
    errors: expected.errors.filter((error) => !error.startsWith('unreachable_join ')),
  }),
};

/** A rerun whose batch cannot be rendered begins nothing: the tasks it named have no new instance. */
function rerunBeginsWhenHandedOut(names: readonly string[]): Difference {
  return {
    rule: 'a-rerun-begins-when-handed-out',
    changes: ['sequence', 'order'],
    predict(expected) {
      const left = { ...expected.counts };
      for (const name of names) left[name] = (left[name] ?? 0) - 1;
      return { ...expected, counts: left };
    },
  };
}

/** A list of items that was unfinished when the run failed goes on, when the run is rerun, as an instance of its own. */
function listGoesOnAsAnother(names: readonly string[]): Difference {
  return {
    rule: 'an-unfinished-list-goes-on-as-another-instance',
    changes: ['sequence', 'order'],
    predict(expected) {
      const more = { ...expected.counts };
      for (const name of names) more[name] = (more[name] ?? 0) + 1;
      return { ...expected, counts: more };
    },
  };
}

/** A rerun with nothing to run is refused and the run stands as it did. */
function nothingToRerun(status: string): Difference {
  return {
    rule: 'nothing-to-rerun-is-refused',
    changes: ['steps', 'output'],
    predict: (expected) => ({ ...expected, status }),
  };
}

function countFaults(
  actual: Outline,
  expected: Outline,
  holds: (mine: number, theirs: number) => boolean,
  how: string,
): string[] {
  const names = new Set([...Object.keys(actual.counts), ...Object.keys(expected.counts)]);
  return [...names]
    .filter((name) => !holds(actual.counts[name] ?? 0, expected.counts[name] ?? 0))
    .map((name) => `task ${name} ran ${actual.counts[name] ?? 0} times, ${how} ${expected.counts[name] ?? 0}`);
}

/** Input, context and results of a case, without what Orquesta made of them. */
function dataOf(text: string): string {
  const from = text.indexOf('"input"');
  const to = text.indexOf('"steps"');
  return from === -1 || to === -1 ? '' : text.slice(from, to);
}

interface Watched {
  /** Something arrived at a join that had fired. */
  readonly late: boolean;
  /** Something arrived at a task that was running, or was staged twice. */
  readonly queued: boolean;
  /** An action's name rendered to null. */
  readonly nullAction: boolean;
}

/** Folds the history once more, and looks at what was staged beside what was open. */
function watch({ history, one, program }: Played): Watched {
  const run = newRun(one.id as RunId);
  let late = false;
  let queued = false;
  let nullAction = false;
  for (const event of history) {
    evolve(run, event, program);
    if (event.type === 'TaskScheduled' && event.spec.kind === 'noop' && hasAction(one, event.spec.name))
      nullAction = true;
    if (event.type !== 'ProgramNoted') continue;
    if (Array.isArray(event.note) && event.note[0] === 'late') late = true;
    const state = run.program as {
      staged: { name: string; route: number; ready: boolean }[];
      latest: Map<string, { open: boolean }>;
    };
    const places = state.staged.filter((staged) => staged.ready).map((staged) => `${staged.name}\n${staged.route}`);
    if (places.some((place) => state.latest.get(place)?.open === true)) queued = true;
    if (new Set(places).size < places.length) queued = true;
  }
  return { late, queued, nullAction };
}

/** True where the run was canceling when it ended, and something had arrived at a join that was not ready. */
function cancelMetAJoin({ history, one, program }: Played): boolean {
  if (!history.some((event) => event.type === 'CancelRequested' && event.byTask !== true)) return false;
  const run = newRun(one.id as RunId);
  for (const event of history) {
    const state = run.program as { staged: { ready: boolean }[] } | undefined;
    if (event.type === 'RunEnded' && run.status === 'canceling' && state?.staged.some((staged) => !staged.ready))
      return true;
    evolve(run, event, program);
  }
  return false;
}

/** True where the document gives the task an action. */
function hasAction(one: ConductCase, task: string): boolean {
  const after = one.definition_yaml.split(new RegExp(`^ +${task}:\\s*$`, 'm'))[1];
  return after !== undefined && /^\s*action:/.test(after);
}

/** Lists that were left as the run failed, and that a rerun went on with. */
function unfinishedLists({ history }: Played): string[] {
  const lists = new Map<number, string>();
  const left: string[] = [];
  const again: string[] = [];
  for (const event of history) {
    if (event.type === 'TaskScheduled') {
      if (event.spec.kind === 'items') lists.set(event.task, event.spec.name);
      const place = left.indexOf(event.spec.name);
      if (place !== -1) again.push(...left.splice(place, 1));
    }
    const name = event.type === 'TaskEnded' && event.dropped === true ? lists.get(event.task) : undefined;
    if (name !== undefined) left.push(name);
  }
  return again;
}

/** Tasks a rerun named and that never began, since another task of the batch could not be rendered. */
function unbegunReruns({ history, one }: Played): string[] {
  const last = history.findLastIndex((event) => event.type === 'RunReopened');
  const rerun = one.steps.findLast((step) => step.op === 'rerun');
  if (last === -1 || rerun?.tasks === undefined || rerun.tasks === null) return [];
  const after = history.slice(last);
  if (after.some((event) => event.type === 'TaskScheduled') || !after.some((event) => event.type === 'ErrorLogged'))
    return [];
  return rerun.tasks.map((task) => task.task_id);
}

function statusBeforeEmptyRerun({ one, history }: Played): string | undefined {
  const index = one.steps.findLastIndex((step) => step.op === 'rerun');
  if (index <= 0 || history.some((event) => event.type === 'RunReopened')) return undefined;
  const { scheduled } = one.steps[index]!.expect;
  if (!isDeepStrictEqual(scheduled, [])) return undefined;
  return one.steps[index - 1]!.expect.workflow_status;
}
