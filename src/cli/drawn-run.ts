/** A run as a graph to draw: its workflow, how each task stands, and which ways it went. */

import { drawnWorkflow, failNodeOf, type WorkflowDefinition } from '../definition/index.ts';
import { type DrawnEdge, type DrawnGraph, type DrawnNode, statusWord } from '../graph/index.ts';
import { addedEdges, type Recorded, type RunView, type TaskView, takenEdges } from '../kernel/index.ts';
import { shownDuration } from './shown.ts';

/** Tasks that were added while it ran, or that undo others, are drawn where the history says they came from. */
export function drawnRun(definition: WorkflowDefinition, view: RunView, history: readonly Recorded[]): DrawnGraph {
  const drawn = drawnWorkflow(definition);
  const instances = Map.groupBy(view.tasks, ({ name }) => name);
  const skipped = namesIn(view.program, 'skipped');
  const known = new Set(drawn.nodes.map(({ id }) => id));
  const added = [...instances.keys()].filter((name) => !known.has(name)).map((id): DrawnNode => ({ id }));
  const nodes = [...drawn.nodes, ...added].map((node) => nodeOf(node, instances.get(node.id) ?? [], skipped));
  const later = laterEdges(definition, view, history, new Set(nodes.map(({ id }) => id)));
  const edges = [...drawn.edges, ...later];
  const isTaken = takenOf(definition, history, instances);
  return {
    name: `${view.workflow}, run ${view.id}: ${view.status}`,
    nodes,
    edges: edges.map((edge) => (isTaken(edge) ? { ...edge, taken: true } : edge)),
  };
}

/** Those that the program says so of. */
function namesIn(program: RunView['program'], field: string): ReadonlySet<string> {
  const names = (program as { readonly [field: string]: unknown } | null)?.[field];
  return new Set(Array.isArray(names) ? (names as readonly string[]) : []);
}

function nodeOf(node: DrawnNode, instances: readonly TaskView[], skipped: ReadonlySet<string>): DrawnNode {
  const last = instances.at(-1);
  if (last === undefined) return skipped.has(node.id) ? { ...node, status: 'skipped' } : node;
  const detail = [
    instances.length > 1 ? `${instances.length} times` : '',
    itemsText(last),
    last.attempts > 1 && last.items === undefined ? `${last.attempts} tries` : '',
    last.fellBack ? 'fallback' : '',
    last.reusedFrom === undefined ? '' : 'reused',
    tookText(instances),
  ].filter((text) => text !== '');
  const status = statusWord(last.status);
  return detail.length === 0 ? { ...node, status } : { ...node, detail: detail.join(', '), status };
}

/** How long it took, all its times together. */
function tookText(instances: readonly TaskView[]): string {
  let tookMs: number | undefined;
  for (const { startedAt, endedAt } of instances)
    if (startedAt !== undefined && endedAt !== undefined) tookMs = (tookMs ?? 0) + endedAt - startedAt;
  return tookMs === undefined ? '' : shownDuration(tookMs);
}

function itemsText({ items }: TaskView): string {
  if (items === undefined) return '';
  return `${items.succeeded}/${items.count} items${items.failed > 0 ? `, ${items.failed} failed` : ''}`;
}

/** To tasks that others added, and from a task to the one that undoes it. */
function laterEdges(
  definition: WorkflowDefinition,
  { tasks }: RunView,
  history: readonly Recorded[],
  drawn: ReadonlySet<string>,
): DrawnEdge[] {
  const names = new Map(tasks.map(({ task, name }) => [task, name]));
  const undoing = tasks.flatMap(({ name, undoes }): DrawnEdge[] => {
    const undone = undoes === undefined ? undefined : names.get(undoes);
    return undone === undefined ? [] : [{ from: undone, to: name, kind: 'preferred', label: 'undone by', taken: true }];
  });
  const added = definition.style === 'dag' ? addedEdges(definition, history) : [];
  return [
    ...added
      .filter(({ source, target }) => drawn.has(source) && drawn.has(target))
      .map(({ source, target }): DrawnEdge => ({ from: source, to: target, kind: 'blocking' })),
    ...new Map(undoing.map((edge) => [`${edge.from}\n${edge.to}`, edge])).values(),
  ];
}

/** Which edges the run went: of a flow, the transitions that it took; of a dependency graph, needs of tasks that began. */
function takenOf(
  definition: WorkflowDefinition,
  history: readonly Recorded[],
  instances: ReadonlyMap<string, readonly TaskView[]>,
): (edge: DrawnEdge) => boolean {
  if (definition.style === 'dag')
    return ({ from, to, taken }) => taken === true || (instances.has(from) && instances.has(to));
  const key = (from: string, to: string): string => `${from}\n${to}`;
  const taken = new Set(
    takenEdges(definition, history).map(({ source, target }) =>
      key(source, target === 'fail' ? failNodeOf(source) : target),
    ),
  );
  return (edge) => edge.taken === true || taken.has(key(edge.from, edge.to));
}
