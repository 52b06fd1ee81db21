/** A run as a graph to draw: its workflow, how each task stands, and which ways it went. */

import { drawnWorkflow, failNodeOf, type WorkflowDefinition } from '../definition/index.ts';
import { type DrawnEdge, type DrawnGraph, type DrawnNode, statusWord } from '../graph/index.ts';
import { type Recorded, type RunView, type TaskView, takenEdges } from '../kernel/index.ts';
import { shownDuration } from './shown.ts';

/** Tasks that were added while it ran, or that undo others, are drawn where the history says they came from. */
export function drawnRun(definition: WorkflowDefinition, view: RunView, history: readonly Recorded[]): DrawnGraph {
  const drawn = drawnWorkflow(definition);
  const instances = Map.groupBy(view.tasks, ({ name }) => name);
  const skipped = namesIn(view.program, 'skipped');
  const known = new Set(drawn.nodes.map(({ id }) => id));
  const added = [...instances.keys()].filter((name) => !known.has(name)).map((id): DrawnNode => ({ id }));
  const nodes = [...drawn.nodes, ...added].map((node) => nodeOf(node, instances.get(node.id) ?? [], skipped));
  const edges = [...drawn.edges, ...addedEdges(view, known, instances)];
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

/** From a task to the one that undoes it. */
function addedEdges(
  { tasks }: RunView,
  known: ReadonlySet<string>,
  instances: ReadonlyMap<string, readonly TaskView[]>,
): DrawnEdge[] {
  const names = new Map(tasks.map(({ task, name }) => [task, name]));
  const edges: DrawnEdge[] = [];
  for (const [name, all] of instances) {
    const undone = names.get(all[0]?.undoes ?? -1);
    if (!known.has(name) && undone !== undefined)
      edges.push({ from: undone, to: name, kind: 'preferred', label: 'undone', taken: true });
  }
  return edges;
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
