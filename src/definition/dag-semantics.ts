/**
 * Whether a document is a dependency graph, and whether its tasks fit together as one: known needs, no cycles, and no variable
 * that nothing on the way sets.
 *
 * Tasks see inputs, variables and the results of the tasks they need, each by the task's name.
 */

import { compactGraph, cycleWitness } from '../graph/index.ts';
import { ownSteps, placeOf, type Step, stepsOf, stepsOfList } from './context.ts';
import type { NeedDraft, TaskDraft, WorkflowDraft } from './draft.ts';
import { documentKeysOfGraphs, isCommand, keysOfGraphs } from './language.ts';
import { didYouMean } from './suggestion.ts';
import type { Finding } from './syntax.ts';
import { entryOf, jsonOf, memberOf, type YamlNode } from './yaml-node.ts';

/** Findings of one kind, and how many of them get a suggestion, which costs a search. */
const findingsMax = 10_000;
const suggestionsMax = 100;

/** True where a task says what it needs: that makes the document a dependency graph. */
export function isDependencyGraph(draft: WorkflowDraft): boolean {
  return draft.tasks.some((task) => task.needs !== undefined);
}

/** Keys that belong to the other kind of document. */
export function checkMixture(draft: WorkflowDraft): Finding[] {
  return isDependencyGraph(draft) ? flowKeys(draft) : graphKeys(draft);
}

function flowKeys(draft: WorkflowDraft): Finding[] {
  const because = 'since its tasks say what they need, the document is a dependency graph';
  const means: { readonly [key: string]: string } = {
    next: `${because}: name this task in the "needs" of those that follow, with "when" for a condition, or take "needs" out and use "next" throughout.`,
    join: `${because}, where a task waits for all it needs: use "trigger" to say otherwise.`,
    match: `${because}, which has no transitions: leave "match" out.`,
  };
  const found = draft.tasks.flatMap((task) =>
    ['next', 'join', 'match'].flatMap((key) =>
      keyFinding(task.node, key, task.specPath, 'needs_and_next', means[key]!),
    ),
  );
  return [...found, ...keyFinding(draft.root, 'match', '', 'needs_and_next', means.match!)];
}

function graphKeys(draft: WorkflowDraft): Finding[] {
  const means = 'has a meaning only where tasks say what they need: add "needs", or leave it out.';
  const found = draft.tasks.flatMap((task) =>
    [...keysOfGraphs]
      .filter((key) => !plainKeys.has(key))
      .flatMap((key) => keyFinding(task.node, key, task.specPath, 'needs_missing', `"${key}" ${means}`)),
  );
  const ofDocument = [...documentKeysOfGraphs].flatMap((key) =>
    keyFinding(draft.root, key, '', 'needs_missing', `"${key}" ${means}`),
  );
  return [...found, ...ofDocument];
}

/** Keys that say something of a task in a flow too, and change nothing there. */
const plainKeys: ReadonlySet<string> = new Set(['title', 'type', 'worker_type', 'resources', 'estimate']);

function keyFinding(
  node: YamlNode | undefined,
  key: string,
  specPath: string,
  code: string,
  message: string,
): Finding[] {
  const entry = node && entryOf(node, key);
  if (!entry) return [];
  const path = specPath === '' ? key : `${specPath}.${key}`;
  const text = message.startsWith('"') ? message : `"${key}" cannot stand here: ${message}`;
  return [{ code, message: text, offset: entry.keyNode.start, specPath: path, subject: key }];
}

/** Whether the tasks of a dependency graph fit together. */
export function checkGraph(draft: WorkflowDraft, knownVariables: readonly string[], text: string): Finding[] {
  return [
    ...reservedNames(draft),
    ...faultyNeeds(draft),
    ...cycles(draft),
    ...itemsWithoutAction(draft),
    ...hiddenVariables(draft),
    ...unsetVariables(draft, knownVariables, text),
  ];
}

function reservedNames(draft: WorkflowDraft): Finding[] {
  return draft.tasks
    .filter(({ name }) => isCommand(name))
    .map(({ name, specPath, entry }) => ({
      code: 'reserved_task_name',
      message: `"${name}" is a command of flows and cannot name a task: rename the task, for example to "${name}_task".`,
      offset: entry.keyNode.start,
      specPath,
      subject: name,
    }));
}

function faultyNeeds(draft: WorkflowDraft): Finding[] {
  const findings: Finding[] = [];
  const names = [...draft.byName.keys()];
  for (const task of draft.tasks) {
    const seen = new Set<string>();
    for (const need of task.needs ?? []) {
      const fault = faultOfNeed(need, task, draft, seen, findings.length < suggestionsMax ? names : []);
      seen.add(need.name);
      if (fault !== undefined && findings.length < findingsMax)
        findings.push({ ...fault, offset: need.offset, specPath: `${task.specPath}.needs`, subject: need.name });
    }
  }
  return findings;
}

function faultOfNeed(
  { name }: NeedDraft,
  task: TaskDraft,
  draft: WorkflowDraft,
  seen: ReadonlySet<string>,
  names: readonly string[],
): { code: string; message: string } | undefined {
  if (name === task.name)
    return { code: 'self_need', message: `The task "${name}" needs itself, and could never start: take it out.` };
  if (seen.has(name))
    return { code: 'repeated_need', message: `The task "${task.name}" needs "${name}" twice: name it once.` };
  if (draft.byName.has(name)) return undefined;
  const near = didYouMean(name, names);
  const mend = near === '' ? ': define it under "tasks", or name another.' : `.${near}`;
  return { code: 'undefined_task', message: `The task "${name}" is not defined${mend}` };
}

function cycles(draft: WorkflowDraft): Finding[] {
  const numbers = new Map(draft.tasks.map((task, index) => [task.name, index]));
  const from: number[] = [];
  const to: number[] = [];
  draft.tasks.forEach((task, index) => {
    for (const { name } of task.needs ?? []) {
      const need = numbers.get(name);
      if (need === undefined || need === index) continue;
      from.push(need);
      to.push(index);
    }
  });
  const cycle = cycleWitness(compactGraph({ nodeCount: draft.tasks.length, from, to }));
  if (cycle === undefined) return [];
  const names = [...cycle].map((index) => draft.tasks[index]!.name);
  const first = draft.byName.get(names[0]!)!;
  const last = names[names.length - 1] === names[0] ? names : [...names, names[0]!];
  const offset = memberOf(first.node, 'needs')?.start ?? first.entry.keyNode.start;
  const shown = last.length > 12 ? [...last.slice(0, 10), '…', last[last.length - 1]!] : last;
  return [
    {
      code: 'cycle',
      message: `The tasks wait for each other in a circle, so that none of them could start: ${shown.join(' -> ')}. Take one of these needs out; a workflow that is to loop is a flow, with "next".`,
      offset,
      specPath: `${first.specPath}.needs`,
      subject: first.name,
    },
  ];
}

function itemsWithoutAction(draft: WorkflowDraft): Finding[] {
  return draft.tasks
    .filter((task) => task.with !== undefined && task.action === undefined)
    .map(({ name, specPath, with: items }) => ({
      code: 'items_without_action',
      message: `The task "${name}" has "with" and no "action": add the action that runs for each item.`,
      offset: items!.start,
      specPath,
      subject: name,
    }));
}

/** Tasks whose results would hide an input or a variable of that name. */
function hiddenVariables(draft: WorkflowDraft): Finding[] {
  const names = new Set(
    [...stepsOfList(draft.root, 'input'), ...stepsOfList(draft.root, 'vars')].flatMap((step) => step.sets),
  );
  return draft.tasks
    .filter((task) => names.has(task.name))
    .map(({ name, specPath, entry }) => ({
      code: 'hidden_variable',
      message: `The task "${name}" has the name of an input or a variable, which its result would hide: rename one of them.`,
      offset: entry.keyNode.start,
      specPath,
      subject: name,
    }));
}

function unsetVariables(draft: WorkflowDraft, knownVariables: readonly string[], text: string): Finding[] {
  const found: Finding[] = [];
  const take = (steps: readonly Step[], known: Set<string>, advise: (name: string) => string): void => {
    for (const { references, sets, node, specPath } of steps) {
      const told = new Set<string>();
      for (const { name, expression, language } of references) {
        if (known.has(name) || told.has(name) || found.length >= findingsMax) continue;
        told.add(name);
        const offset = found.length < suggestionsMax ? placeOf(name, node, text) : node.start;
        const message = `${advise(name)}${found.length < suggestionsMax ? didYouMean(name, [...known]) : ''}`;
        found.push({ code: 'unset_variable', message, offset, specPath, expression, language, subject: name });
      }
      for (const name of sets) known.add(name);
    }
  };
  const isTask = (name: string): boolean => draft.byName.has(name);
  const head = new Set(knownVariables);
  const atStart = (name: string): string =>
    isTask(name)
      ? `The result of "${name}" is not there before its task has run: use it in a task that needs "${name}", or in "output".`
      : `The variable "${name}" is used before anything sets it: add it to "input" or "vars".`;
  take([...stepsOfList(draft.root, 'input'), ...stepsOfList(draft.root, 'vars')], head, atStart);
  for (const task of draft.tasks) {
    const known = new Set([...head, ...(task.needs ?? []).map((need) => need.name)]);
    take([...ownSteps(task), ...graphSteps(task)], known, (name) =>
      isTask(name)
        ? `The task "${task.name}" uses the result of "${name}" and does not need it: add "${name}" to its "needs".`
        : `The variable "${name}" is used and nothing sets it: add it to "input" or "vars", or name the task that gives it in "needs".`,
    );
  }
  const all = new Set([...head, ...draft.byName.keys()]);
  take(
    stepsOfList(draft.root, 'output'),
    all,
    (name) => `The variable "${name}" is used in "output" and nothing sets it.`,
  );
  return found;
}

function graphSteps(task: TaskDraft): Step[] {
  return ['when', 'expand'].flatMap((key) => {
    const node = memberOf(task.node, key);
    return node ? stepsOf(jsonOf(node), node, `${task.specPath}.${key}`, false) : [];
  });
}
