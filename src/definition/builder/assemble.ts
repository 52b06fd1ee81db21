/** Puts a graph together from its pieces: its definition, its code, and everything that is wrong with it. */

import { type Json, jsonFault } from '../../base/index.ts';
import type { DagDefinition, DagTask, FailurePolicy, TaskHandler } from '../dag.ts';
import type { Binding } from '../flow.ts';
import { checkedAtOnce } from '../schema-check.ts';
import type { ValueSource } from '../work.ts';
import { checkGraphFields, checkTasks } from './check.ts';
import { type Fault, FaultList } from './faults.ts';
import { flatten, rootFrame, seenOf } from './flatten.ts';
import type { WholeGraph } from './pieces.ts';
import { type Code, present, taskDefinition } from './task-definition.ts';
import { code, isClosure, literal } from './value-sources.ts';

export interface Assembled {
  readonly definition: DagDefinition;
  readonly handlers: ReadonlyMap<string, TaskHandler<unknown>>;
  readonly faults: readonly Fault[];
}

/** Never throws for what is wrong with the graph. Linear in tasks and needs. */
export function assembled(graph: WholeGraph): Assembled {
  const faults = new FaultList();
  const frame = rootFrame(graph);
  checkGraphFields(graph, faults);
  const flat = flatten(graph, frame, faults);
  checkTasks(graph, flat, faults);
  const into: Code = { handlers: new Map(), actions: new Map() };
  const tasks = new Map<string, DagTask>();
  for (const task of flat) {
    const defined = taskDefinition(task, into, faults);
    if (!tasks.has(task.name)) tasks.set(task.name, defined);
  }
  const definition: DagDefinition = {
    style: 'dag',
    name: graph.name,
    ...present('description', graph.description),
    tags: graph.tags ?? [],
    input: [],
    vars: [inputOf(graph), ...varsOf(graph, faults)],
    ...outputOf(graph),
    limits: graph.limits ?? {},
    failure: (graph.failure ?? 'stop') as FailurePolicy,
    ...present('concurrency', graph.concurrency),
    tasks,
    hasEntryPoint: true,
    ...present('metadata', graph.metadata),
    ...present('constraints', graph.constraints),
    ...present('createdAt', graph.createdAt),
    ...present('scheduledAt', graph.scheduledAt),
  };
  return { definition: Object.freeze(definition), handlers: into.handlers, faults: faults.faults };
}

/** Closures see the run's input as one value, `input`; where there is a schema, as that lets it through. */
function inputOf({ name, input: schema }: WholeGraph): Binding {
  const value: ValueSource = code(({ variables }) =>
    schema === undefined ? variables : checkedAtOnce(schema, variables, `the input of "${name}"`),
  );
  return { name: 'input', value };
}

function varsOf(graph: WholeGraph, faults: FaultList): Binding[] {
  return Object.entries(graph.vars ?? {}).map(([name, value]) => {
    if (isClosure(value)) return { name, value: code(({ variables }) => value({ input: variables.input })) };
    const fault = jsonFault(value);
    if (fault !== undefined) faults.add('not_json', undefined, `The variable "${name}" is not JSON: ${fault}.`);
    return { name, value: literal(fault === undefined ? (value as Json) : null) };
  });
}

function outputOf(graph: WholeGraph): Pick<DagDefinition, 'output' | 'outputNeeds'> {
  const piece = graph.pieces.findLast(({ kind }) => kind === 'output');
  if (piece?.kind !== 'output') return {};
  const needs = piece.names.map((task) => ({ task, short: task, kind: 'blocking' }));
  const frame = rootFrame(graph);
  return { output: code(({ variables }) => piece.give(seenOf(frame, needs, variables))), outputNeeds: piece.names };
}
