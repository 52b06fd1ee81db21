/** Where the tasks stand that others added to a run: for drawings of it. */

import type { DagDefinition } from '../../definition/index.ts';
import type { Recorded } from '../events.ts';
import type { DagNote } from './notes.ts';

/** From each task to those it added, and from and to what they need and come before. `history` is that of a run of the definition. */
export function addedEdges(
  definition: DagDefinition,
  history: Iterable<Recorded>,
): { readonly source: string; readonly target: string }[] {
  const names = [...definition.tasks.keys()];
  const edges: { source: string; target: string }[] = [];
  for (const event of history) {
    if (event.type !== 'ProgramNoted') continue;
    const note = event.note as DagNote;
    if (note[0] !== 'added') continue;
    const adder = names[note[1]]!;
    for (const { name, needs = [], before = [] } of note[2]) {
      names.push(name);
      for (const source of new Set([adder, ...needs])) edges.push({ source, target: name });
      for (const target of before) edges.push({ source: name, target });
    }
  }
  return edges;
}
