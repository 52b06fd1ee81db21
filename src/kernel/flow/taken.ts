/** Which ways a flow run went: for drawings of it. */

import type { FlowDefinition } from '../../definition/index.ts';
import type { Recorded } from '../events.ts';
import { flowGraph } from './graph.ts';
import type { FlowNote } from './notes.ts';

export interface TakenEdge {
  readonly source: string;
  /** A task, or one of the commands `noop`, `fail`, `continue`. */
  readonly target: string;
}

/** The edges whose condition held, each once. `history` is that of a run of the definition. O(events + edges). */
export function takenEdges(definition: FlowDefinition, history: Iterable<Recorded>): TakenEdge[] {
  let from: readonly string[] | undefined;
  const indexes = new Set<number>();
  for (const event of history) {
    if (event.type === 'RunStarted') from = event.from;
    if (event.type !== 'ProgramNoted') continue;
    const note = event.note as FlowNote;
    if (note[0] === 'taken') for (const index of note[2]) indexes.add(index);
  }
  const { edges } = flowGraph(definition, from);
  return edges.filter(({ index }) => indexes.has(index)).map(({ source, target }) => ({ source, target }));
}
