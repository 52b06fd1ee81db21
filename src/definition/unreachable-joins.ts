/**
 * Joins of branches with different histories of splits.
 *
 * A split task (several transitions lead to it, no `join`, no cycle) runs once for each way there, and a join behind it
 * is made once for each of those ways. A branch that never passed the split task belongs to none of them, so a join of both
 * kinds can never be complete. The walk is Orquesta's: breadth first from the start tasks, an edge again whenever it
 * brings splits it has not brought before, a task in a cycle only once; its order decides what tasks in cycles have seen.
 */

import type { WorkflowDraft } from './draft.ts';
import { type NameSet, NameUniverse } from './name-set.ts';
import { hasJoin, isSplit, type TaskGraph } from './task-graph.ts';

/** Visits after which the walk gives up and reports nothing: far more than any readable document needs. */
const visitsMax = 500_000;

export function unreachableJoins(draft: WorkflowDraft, graph: TaskGraph): { name: string; splits: string[] }[] {
  const splitNames = draft.tasks.map((task) => task.name).filter((name) => isSplit(draft, graph, name));
  const joins = draft.tasks.map((task) => task.name).filter((name) => hasJoin(draft, name));
  if (splitNames.length === 0 || joins.length === 0) return [];
  const universe = new NameUniverse(splitNames);
  const staged = walk(draft, graph, universe, new Set(splitNames));
  return joins.flatMap((name) => {
    const join = staged.get(name);
    const odd = join && [...join.from].find((source) => staged.get(source)?.splits.key !== join.splits.key);
    return join && odd !== undefined ? [{ name, splits: universe.namesIn(join.splits) }] : [];
  });
}

interface Stage {
  splits: NameSet;
  readonly from: Set<string>;
}

function walk(
  draft: WorkflowDraft,
  graph: TaskGraph,
  universe: NameUniverse,
  splits: ReadonlySet<string>,
): Map<string, Stage> {
  const staged = new Map<string, Stage>();
  const brought = new Map<string, NameSet>();
  const queue: { from?: string; name: string; splits: NameSet }[] = [];
  for (const name of graph.starts) queue.push({ name, splits: universe.empty() });
  for (let head = 0; head < queue.length; head++) {
    if (head > visitsMax) return new Map();
    const visit = queue[head]!;
    const { name } = visit;
    if (!draft.byName.has(name)) continue;
    const seen = splits.has(name) ? visit.splits.with(universe, [name]) : visit.splits;
    const stage = staged.get(name) ?? { splits: universe.empty(), from: new Set<string>() };
    staged.set(name, stage);
    stage.splits = stage.splits.union(seen);
    if (visit.from !== undefined) stage.from.add(visit.from);
    for (const next of graph.next.get(name) ?? []) {
      if (staged.has(next) && graph.cycleOf.has(next)) continue;
      const edge = `${name}\n${next}`;
      const before = brought.get(edge);
      if (before?.contains(seen)) continue;
      brought.set(edge, before ? before.union(seen) : seen);
      queue.push({ from: name, name: next, splits: seen });
    }
  }
  return staged;
}
