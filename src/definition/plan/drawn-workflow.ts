/**
 * A definition as a graph to draw (`pawl/graph` draws it): its tasks with what they call, its needs or transitions.
 *
 * Of a flow, transitions between the same two tasks are one edge; a transition to `fail` leads to a node of its own, beside the
 * task, and `retry` back to the task. Where the first condition that holds decides (`match: first`), the last is `else`.
 */

import type { DrawnEdge, DrawnGraph, DrawnNode } from '../../graph/index.ts';
import type { DagDefinition, DagTask, WorkflowDefinition } from '../dag.ts';
import type { FlowDefinition, FlowTask, Match } from '../flow.ts';
import { conditionText } from './condition-text.ts';
import { actionName } from './planned-task.ts';

/** The kind of a node that is no task but the end that a transition names. */
export const failNode = 'fail';

export function drawnWorkflow(definition: WorkflowDefinition): DrawnGraph {
  const name = definition.name === undefined ? {} : { name: definition.name };
  return definition.style === 'dag' ? { ...name, ...drawnDag(definition) } : { ...name, ...drawnFlow(definition) };
}

/** The id of the node that says that a transition of the task fails the run. Task names hold no space. */
export function failNodeOf(task: string): string {
  return `fail after ${task}`;
}

function drawnDag({ tasks }: DagDefinition): Pick<DrawnGraph, 'nodes' | 'edges'> {
  const edges = [...tasks].flatMap(([to, { needs }]) =>
    needs.filter(({ task }) => tasks.has(task)).map(({ task: from, kind }): DrawnEdge => ({ from, to, kind })),
  );
  return { nodes: [...tasks.values()].map((task) => nodeOf(task, detailOfDag(task))), edges };
}

function nodeOf({ name }: DagTask | FlowTask, details: readonly string[]): DrawnNode {
  const detail = details.filter((text) => text !== '').join(', ');
  return { id: name, ...(detail === '' ? {} : { detail }) };
}

const triggerWords = {
  all_succeeded: '',
  all_done: 'when all are over',
  any_succeeded: 'after the first',
  none_failed: 'if none failed',
} as const;

function detailOfDag(task: DagTask): string[] {
  const { when, expand, trigger, needs } = task;
  const condition = when === undefined ? '' : conditionText(when);
  return [
    ...detailOf(task),
    needs.length === 0 ? '' : triggerWords[trigger],
    condition === '' || condition === 'condition' ? (when === undefined ? '' : 'conditional') : `if ${condition}`,
    expand === undefined ? '' : 'adds tasks',
  ];
}

function detailOf(task: DagTask | FlowTask): string[] {
  return [actionName(task) ?? '', task.with === undefined ? '' : 'for each item'];
}

function drawnFlow(definition: FlowDefinition): Pick<DrawnGraph, 'nodes' | 'edges'> {
  const nodes: DrawnNode[] = [];
  const edges: DrawnEdge[] = [];
  for (const task of definition.tasks.values()) {
    nodes.push(nodeOf(task, [...detailOf(task), joinText(task)]));
    const labels = labelsByTarget(task, task.match ?? definition.match);
    for (const [target, all] of labels) {
      if (target !== 'fail' && target !== 'retry' && !definition.tasks.has(target)) continue;
      const label = [...new Set(all)].join(' or ');
      const to = target === 'fail' ? failNodeOf(task.name) : target === 'retry' ? task.name : target;
      if (target === 'fail') nodes.push({ id: to, label: 'fail', detail: 'ends the run', kind: failNode });
      edges.push({ from: task.name, to, kind: 'transition', ...(label === '' ? {} : { label }) });
    }
  }
  return { nodes, edges };
}

function joinText({ join }: FlowTask): string {
  if (join === undefined) return '';
  return join === 'all' ? 'joins all' : `joins ${join}`;
}

function labelsByTarget({ next }: FlowTask, match: Match): Map<string, string[]> {
  const labels = new Map<string, string[]>();
  for (const { when, targets, index } of next) {
    const text = conditionText(when);
    const isElse = match === 'first' && index > 0 && (text === '' || text === 'always');
    for (const target of targets) {
      const others = labels.get(target) ?? [];
      labels.set(target, [...others, isElse ? 'else' : target === 'retry' ? `retry ${text}`.trim() : text]);
    }
  }
  // Beside others the usual condition has to be said.
  for (const [target, all] of labels)
    if (all.some((text) => text !== ''))
      labels.set(
        target,
        all.map((text) => (text === '' ? 'succeeded' : text)),
      );
  return labels;
}
