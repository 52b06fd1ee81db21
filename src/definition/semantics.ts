/**
 * Whether the tasks of a document fit together: reserved names, targets that no task has, joins that no engine could
 * resolve, items without an action.
 */

import { targetsMax, type WorkflowDraft } from './draft.ts';
import { isCommand, namePattern } from './language.ts';
import { didYouMean } from './suggestion.ts';
import type { Finding } from './syntax.ts';
import type { TaskGraph } from './task-graph.ts';
import { unreachableJoins } from './unreachable-joins.ts';
import { isFalse, memberOf, textOf, type YamlNode } from './yaml-node.ts';

/** Undefined names beyond these get no suggestion: comparing each with each would take quadratic time. */
const suggestionsMax = 100;

const taskSchema = `properties.tasks.patternProperties.${namePattern}`;

export function checkSemantics(draft: WorkflowDraft, graph: TaskGraph): Finding[] {
  return [
    ...reservedNames(draft),
    ...undefinedTasks(draft),
    ...unclearJoins(draft, graph),
    ...itemsWithoutAction(draft),
    ...gluedParameters(draft),
    ...tooManyTargets(draft),
  ];
}

function reservedNames(draft: WorkflowDraft): Finding[] {
  return draft.tasks
    .filter(({ name }) => isCommand(name))
    .map(({ name, specPath, entry }) => ({
      code: 'reserved_task_name',
      message: `"${name}" is a command of "do" and cannot name a task: rename the task, for example to "${name}_task".`,
      offset: entry.keyNode.start,
      specPath,
      schemaPath: taskSchema,
      subject: name,
    }));
}

function undefinedTasks(draft: WorkflowDraft): Finding[] {
  const findings: Finding[] = [];
  const names = [...draft.byName.keys(), 'continue', 'fail', 'noop', 'retry'];
  for (const task of draft.tasks) {
    if (isCommand(task.name)) continue;
    for (const transition of task.transitions) {
      for (const { name, offset } of transition.targets) {
        if (isCommand(name) || draft.byName.has(name)) continue;
        findings.push({
          code: 'undefined_task',
          message: undefinedMessage(name, findings.length < suggestionsMax ? names : []),
          offset,
          specPath: `${transition.specPath}.do`,
          schemaPath: `${taskSchema}.properties.next.items.properties.do`,
          subject: name,
        });
      }
    }
  }
  return findings;
}

function undefinedMessage(name: string, names: readonly string[]): string {
  if (name === '') return 'A name is missing between the commas of "do": remove the comma, or name a task.';
  if (/<%|\{\{/.test(name))
    return `"do" must name tasks, and ${name} is an expression: write one transition for each target, with "when".`;
  if (/[,\s]/.test(name))
    return `The task "${name}" is not defined: write several names as a list, or with commas in one text.`;
  const near = didYouMean(name, names);
  return `The task "${name}" is not defined${near === '' ? ': define it under "tasks", or name another.' : `.${near}`}`;
}

function unclearJoins(draft: WorkflowDraft, graph: TaskGraph): Finding[] {
  return unreachableJoins(draft, graph).map(({ name, splits }) => {
    const task = draft.byName.get(name)!;
    const named = splits.slice(0, 3).map((split) => `"${split}"`);
    return {
      code: 'unreachable_join',
      message: `The join "${name}" can never be complete: it waits for branches that pass through ${named.join(', ')}, which several transitions start one by one, and for others that do not. Give ${named.join(', ')} a "join" too, or join the branches before.`,
      offset: task.join?.start ?? task.entry.keyNode.start,
      specPath: task.specPath,
      schemaPath: taskSchema,
      subject: name,
    };
  });
}

function itemsWithoutAction(draft: WorkflowDraft): Finding[] {
  return draft.tasks
    .filter((task) => isPresent(task.with) && isFalse(task.action?.value ?? null))
    .map(({ name, specPath, with: items }) => ({
      code: 'items_without_action',
      message: `The task "${name}" has "with" and no "action": add the action that runs for each item.`,
      offset: items!.start,
      specPath,
      schemaPath: taskSchema,
      subject: name,
    }));
}

function gluedParameters(draft: WorkflowDraft): Finding[] {
  return draft.tasks.flatMap((task) => {
    const { action, parameters, name, specPath } = task;
    const text = action?.value;
    if (!action || parameters.length === 0 || typeof text !== 'string' || textOf(action.node)?.includes(' ')) return [];
    return [
      {
        code: 'parameters_without_space',
        message: `The parameters of task "${name}" stand right behind its action: put a space after the name of the action.`,
        offset: action.node.start,
        specPath: `${specPath}.action`,
        subject: name,
      },
    ];
  });
}

function tooManyTargets({ overflow }: WorkflowDraft): Finding[] {
  if (!overflow) return [];
  const message = `All "do" of the document together may hold ${targetsMax} names, and this one passes that: split the workflow.`;
  return [{ code: 'too_many_targets', message, offset: overflow.start, specPath: 'tasks' }];
}

function isPresent(node: YamlNode | undefined): boolean {
  return node !== undefined && !(node.kind === 'scalar' && node.value === null);
}

/** A document whose every task has a transition to it: valid, and a start must name the task to begin with. */
export function missingEntryPoint(draft: WorkflowDraft, graph: TaskGraph): Finding[] {
  const tasks = memberOf(draft.root, 'tasks');
  if (!tasks || draft.tasks.length === 0 || graph.starts.length > 0) return [];
  return [
    {
      code: 'no_entry_point',
      message:
        'Every task has a transition that leads to it, so a run has nowhere to begin: add a task that leads into the loop, or name the first task at start with --from.',
      offset: tasks.start,
      specPath: 'tasks',
      schemaPath: 'properties.tasks',
    },
  ];
}
