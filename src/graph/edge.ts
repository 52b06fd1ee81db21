/** An edge as users write and read it: two ids and a kind. */

import { blockingKind, preferredKind } from './compact-graph.ts';
import { invalidOperation } from './errors.ts';

/** `blocking`: the target waits for the source. `preferred`: the source goes first in every order, but gates nothing. */
export type EdgeKind = 'blocking' | 'preferred';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
}

/** An edge as it may be handed over: `['a', 'b']`, `['a', 'b', 'preferred']`, or an object. Blocking unless it says otherwise. */
export type EdgeInput =
  | readonly [from: string, to: string, kind?: EdgeKind]
  | { readonly from: string; readonly to: string; readonly kind?: EdgeKind | undefined };

/** The kind as a column holds it. @throws GraphError `invalid_operation` for any other word. */
export function kindNumber(kind: EdgeKind | undefined): number {
  if (kind === undefined || kind === 'blocking') return blockingKind;
  if (kind === 'preferred') return preferredKind;
  throw invalidOperation('addEdge', `an edge is of kind ${JSON.stringify(kind)}; kinds are "blocking" and "preferred"`);
}

export function kindName(kind: number): EdgeKind {
  return kind === blockingKind ? 'blocking' : 'preferred';
}
