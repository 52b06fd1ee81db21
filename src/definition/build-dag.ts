/** Makes the definition of a document that is a dependency graph and has no errors. */

import type { Json, JsonObject } from '../base/index.ts';
import { durationOf, numberOf, present, WorkBuilder } from './build-work.ts';
import type { Constraint, DagDefinition, DagTask, FailurePolicy, Resources, Trigger, WorkType } from './dag.ts';
import type { TaskDraft, WorkflowDraft } from './draft.ts';
import type { Binding } from './flow.ts';
import type { Templates } from './templates.ts';
import { jsonOf, memberOf, textOf, type YamlNode } from './yaml-node.ts';

export function buildDag(draft: WorkflowDraft, templates: Templates): DagDefinition {
  const work = new WorkBuilder(templates);
  const { root, tasks } = draft;
  const tags = memberOf(root, 'tags');
  const limits = memberOf(root, 'limits');
  const output = memberOf(root, 'output') === undefined ? undefined : work.bindings(memberOf(root, 'output'));
  return {
    style: 'dag',
    ...present('name', textOf(memberOf(root, 'name'))),
    ...present('description', textOf(memberOf(root, 'description'))),
    tags: tags?.kind === 'list' ? tags.items.map(jsonOf) : [],
    input: work.inputs(memberOf(root, 'input')),
    vars: work.bindings(memberOf(root, 'vars')),
    ...present('output', output),
    ...present('outputNeeds', output && namedIn(output, tasks)),
    limits: {
      ...present('durationMs', durationOf(memberOf(limits, 'duration'))),
      ...present('iterations', numberOf(memberOf(limits, 'iterations'))),
    },
    failure: (textOf(memberOf(root, 'failure')) as FailurePolicy | undefined) ?? 'stop',
    ...present('concurrency', numberOf(memberOf(root, 'concurrency'))),
    tasks: new Map(tasks.map((task) => [task.name, taskOf(task, work)])),
    hasEntryPoint: true,
    ...present('metadata', jsonAt(root, 'metadata') as JsonObject | undefined),
    ...present('constraints', constraintsOf(memberOf(root, 'constraints'))),
    ...present('createdAt', textOf(memberOf(root, 'created_at'))),
    ...present('scheduledAt', textOf(memberOf(root, 'scheduled_at'))),
  };
}

/** The tasks whose names stand in the output; undefined where it reads variables by names that show at run time only. */
function namedIn(output: readonly Binding[], tasks: readonly TaskDraft[]): string[] | undefined {
  const text = output.map(({ value }) => JSON.stringify(value.source)).join(' ');
  if (/ctx\(\s*\)(?!\s*\.\s*\w)|ctx\(\s*\)\s*\.\s*\w+\s*\(/.test(text)) return undefined;
  if (/ctx\((?!\s*\\?['"]?[\p{L}\p{N}_]*\\?['"]?\s*\))/u.test(text)) return undefined;
  const words = new Set(text.match(/[\p{L}\p{N}_]+/gu));
  return tasks.map(({ name }) => name).filter((name) => words.has(name));
}

function taskOf(task: TaskDraft, work: WorkBuilder): DagTask {
  const member = (key: string): YamlNode | undefined => memberOf(task.node, key);
  return {
    ...work.work(task),
    needs: (task.needs ?? []).map(({ name, kind }) => ({ task: name, kind })),
    trigger: (textOf(member('trigger')) as Trigger | undefined) ?? 'all_succeeded',
    ...present('when', work.template(member('when'))),
    ...present('expand', work.template(member('expand'))),
    ...present('title', textOf(member('title'))),
    ...present('type', textOf(member('type')) as WorkType | undefined),
    ...present('workerType', textOf(member('worker_type'))),
    ...present('resources', resourcesOf(member('resources'))),
    ...present('estimateMs', durationOf(member('estimate'))),
  };
}

function resourcesOf(node: YamlNode | undefined): Resources | undefined {
  if (node?.kind !== 'map') return undefined;
  const named = jsonAt(node, 'named');
  return {
    ...present('cpu', numberOf(memberOf(node, 'cpu'))),
    ...present('memoryMb', numberOf(memberOf(node, 'memory_mb'))),
    ...present('diskMb', numberOf(memberOf(node, 'disk_mb'))),
    ...present('networkMbps', numberOf(memberOf(node, 'network_mbps'))),
    ...present('gpus', numberOf(memberOf(node, 'gpus'))),
    ...present('named', named as Resources['named']),
  };
}

/** What is wrong with them has been told, with its place: a document that is built has none of it. */
function constraintsOf(node: YamlNode | undefined): readonly Constraint[] | undefined {
  if (node?.kind !== 'list') return undefined;
  return node.items.map((item) => {
    const tasks = memberOf(item, 'tasks');
    return {
      type: (textOf(memberOf(item, 'type')) as Constraint['type'] | undefined) ?? 'custom',
      ...present('tasks', tasks?.kind === 'list' ? tasks.items.flatMap((task) => textOf(task) ?? []) : undefined),
      ...present('value', jsonAt(item, 'value')),
    };
  });
}

function jsonAt(node: YamlNode | undefined, key: string): Json | undefined {
  const member = memberOf(node, key);
  return member && jsonOf(member);
}
