/**
 * Ways of tasks that end elsewhere than they seem to: joins that cannot fill, loops whose branches collide, tasks that
 * nothing reaches. Allowed, and kept at run time as Orquesta has them where it is sound to.
 */

import { type TaskDraft, targetsOfTask, type WorkflowDraft } from './draft.ts';
import { isCommand } from './language.ts';
import type { Finding } from './syntax.ts';
import { hasJoin, type TaskGraph } from './task-graph.ts';
import { textOf } from './yaml-node.ts';

export function surprisesOfGraph(draft: WorkflowDraft, graph: TaskGraph): Finding[] {
  const joined = cyclesWithJoin(draft, graph);
  return [
    ...draft.tasks.flatMap((task) => [
      ...ofJoin(task, graph),
      ...ofHandledFailure(task),
      ...ofParallelLoop(task, graph, joined),
      ...ofTasksAfterFail(draft, task, graph),
    ]),
    ...unreachedTasks(draft, graph),
  ];
}

function ofJoin({ name, join, specPath }: TaskDraft, graph: TaskGraph): Finding[] {
  if (join?.kind !== 'scalar') return [];
  const sources = graph.sources.get(name) ?? new Set<string>();
  const at = { offset: join.start, specPath: `${specPath}.join`, subject: name };
  if (typeof join.value === 'number' && join.value > sources.size) {
    const message = `The join "${name}" waits for ${join.value} tasks and ${sources.size} lead to it, so it never runs: write join: ${Math.max(sources.size, 1)} or "all".`;
    return [{ code: 'join_never_complete', message, ...at }];
  }
  if (join.value === 0) {
    const message = `"join: 0" waits for one task, as "join: 1" does: write join: 1, or remove it.`;
    return [{ code: 'join_zero', message, ...at }];
  }
  const cycle = graph.cycleOf.get(name);
  const inside = [...sources].filter((source) => cycle !== undefined && graph.cycleOf.get(source) === cycle);
  if (inside.length < 2) return [];
  const message = `The join "${name}" is in a loop: from the second round on it counts tasks of the round before as done, and may run too early if branches differ in length. Put the branches into a workflow of their own, or join outside of the loop.`;
  return [{ code: 'join_in_loop', message, ...at }];
}

/**
 * A transition without `when` beside one for failures and none for success: on a failure both fire. With one for success as
 * well, the third is plainly meant for both.
 */
function ofHandledFailure({ name, transitions }: TaskDraft): Finding[] {
  const asks = (outcome: 'succeeded' | 'failed') =>
    transitions.some(({ when }) => new RegExp(`\\b${outcome}\\(\\)`).test(textOf(when) ?? ''));
  if (!asks('failed') || asks('succeeded')) return [];
  return transitions
    .filter(
      ({ when, targets }) => !when && targets.some((target) => !['continue', 'retry', 'fail'].includes(target.name)),
    )
    .map(({ node, specPath }) => ({
      code: 'also_fires_on_failure',
      message: `This transition of task "${name}" has no "when", so it fires after a failure too, beside the one for failures: add "when: <% succeeded() %>" if it is not meant to.`,
      offset: node.start,
      specPath,
      subject: name,
    }));
}

/** Two branches of one transition in a loop without a join: they meet at its head, where one instance runs for both. */
function ofParallelLoop(task: TaskDraft, graph: TaskGraph, joined: ReadonlySet<number | undefined>): Finding[] {
  const cycle = graph.cycleOf.get(task.name);
  if (cycle === undefined || joined.has(cycle)) return [];
  return task.transitions.flatMap(({ targets, specPath, node, do: action }) => {
    const inside = new Set(targets.map(({ name }) => name).filter((name) => graph.cycleOf.get(name) === cycle));
    if (inside.size < 2) return [];
    const [first, second] = [...inside];
    const message = `"${first}" and "${second}" run side by side in a loop that has no join, so their rounds mix where they meet: join them before the loop goes on.`;
    return [
      {
        code: 'branches_meet_in_loop',
        message,
        offset: (action ?? node).start,
        specPath: `${specPath}.do`,
        subject: task.name,
      },
    ];
  });
}

/** The cycles that hold a join. */
function cyclesWithJoin(draft: WorkflowDraft, graph: TaskGraph): Set<number | undefined> {
  return new Set(draft.tasks.filter(({ name }) => hasJoin(draft, name)).map(({ name }) => graph.cycleOf.get(name)));
}

/** A task that only ever starts beside `fail` runs, and nothing after it. */
function ofTasksAfterFail(draft: WorkflowDraft, task: TaskDraft, graph: TaskGraph): Finding[] {
  return task.transitions.flatMap(({ targets, specPath }) => {
    if (!targets.some(({ name }) => name === 'fail')) return [];
    return targets
      .filter(
        ({ name }) => graph.inbound.get(name) === 1 && targetsOfTask(draft, name).some((next) => !isCommand(next.name)),
      )
      .map(({ name, offset }) => ({
        code: 'nothing_after_fail',
        message: `"${name}" starts beside "fail", and what follows it never runs: name "fail" at the end of that way instead.`,
        offset,
        specPath: `${specPath}.do`,
        subject: name,
      }));
  });
}

function unreachedTasks(draft: WorkflowDraft, graph: TaskGraph): Finding[] {
  if (graph.starts.length === 0) return [];
  const reached = new Set(graph.starts);
  for (const name of reached) for (const next of graph.next.get(name) ?? []) reached.add(next);
  return draft.tasks
    .filter(({ name }) => !reached.has(name) && !isCommand(name))
    .map(({ name, specPath, entry }) => ({
      code: 'task_never_reached',
      message: `No way from a first task leads to "${name}", so it never runs: name it in the "do" of a task that does.`,
      offset: entry.keyNode.start,
      specPath,
      subject: name,
    }));
}
