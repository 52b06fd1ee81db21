/**
 * What can be wrong with a graph or with what was asked of it: one class, a code each, and the witness in `details`.
 *
 * Recognise an error by `code`. Nothing was changed by a call that threw.
 */

import { type ErrorCode, PawlError } from '../base/index.ts';

/** The witness that comes with each code. Node names are ids; where a graph has no ids, the node's index as text. */
export type GraphErrorDetails = {
  node_not_found: { readonly node: string };
  node_exists: { readonly node: string };
  edge_not_found: { readonly from: string; readonly to: string };
  edge_exists: { readonly from: string; readonly to: string };
  self_loop: { readonly node: string };
  /** Each node has an edge to the next, and the last to the first. */
  cycle: { readonly cycle: readonly string[] };
  /** How many parts the graph has, and a node of each of two. */
  not_connected: { readonly components: number; readonly examples: readonly [string, string] };
  invalid_operation: { readonly operation: string; readonly found: string };
};

export type GraphErrorCode = keyof GraphErrorDetails & ErrorCode;

export class GraphError<Code extends GraphErrorCode = GraphErrorCode> extends PawlError {
  override readonly name = 'GraphError';
  declare readonly code: Code;
  declare readonly details: GraphErrorDetails[Code];

  constructor(code: Code, message: string, details: GraphErrorDetails[Code]) {
    super(code, message, { details });
  }
}

const codes: ReadonlySet<unknown> = new Set<GraphErrorCode>([
  'node_not_found',
  'node_exists',
  'edge_not_found',
  'edge_exists',
  'self_loop',
  'cycle',
  'not_connected',
  'invalid_operation',
]);

/** True for an error of this room, of this or any other copy of the package; of one code if it is given. */
export function isGraphError<Code extends GraphErrorCode = GraphErrorCode>(
  value: unknown,
  code?: Code,
): value is GraphError<Code> {
  return (
    value instanceof Error && 'code' in value && (code === undefined ? codes.has(value.code) : value.code === code)
  );
}

export function nodeNotFound(node: string): GraphError<'node_not_found'> {
  return new GraphError('node_not_found', `the graph has no node ${quoted(node)}; add it first`, { node });
}

export function nodeExists(node: string): GraphError<'node_exists'> {
  return new GraphError('node_exists', `the graph has a node ${quoted(node)} already; ids are unique`, { node });
}

export function edgeNotFound(from: string, to: string): GraphError<'edge_not_found'> {
  const edge = `${quoted(from)} -> ${quoted(to)}`;
  return new GraphError('edge_not_found', `the graph has no edge ${edge}; see edges() for those it has`, { from, to });
}

export function edgeExists(from: string, to: string): GraphError<'edge_exists'> {
  const edge = `${quoted(from)} -> ${quoted(to)}`;
  const message = `the graph has an edge ${edge} already; remove it first to change its kind`;
  return new GraphError('edge_exists', message, { from, to });
}

export function selfLoop(node: string): GraphError<'self_loop'> {
  const message = `node ${quoted(node)} has an edge to itself and could never start; remove that edge`;
  return new GraphError('self_loop', message, { node });
}

export function cycleFound(cycle: readonly string[]): GraphError<'cycle'> {
  const shown = cycle.length <= 10 ? cycle : cycle.slice(0, 9);
  const rest = cycle.length > shown.length ? ` -> (${cycle.length - shown.length} more)` : '';
  const path = `${shown.map(quoted).join(' -> ')}${rest} -> ${quoted(cycle[0] ?? '')}`;
  return new GraphError('cycle', `these nodes wait for each other: ${path}; remove one of these edges`, { cycle });
}

export function notConnected(components: number, examples: readonly [string, string]): GraphError<'not_connected'> {
  const message = `the graph falls into ${components} parts: nothing joins ${quoted(examples[0])} and ${quoted(examples[1])}; add an edge or split the graph`;
  return new GraphError('not_connected', message, { components, examples });
}

export function invalidOperation(operation: string, found: string): GraphError<'invalid_operation'> {
  return new GraphError('invalid_operation', `${operation}: ${found}`, { operation, found });
}

function quoted(id: string): string {
  return JSON.stringify(id.length <= 80 ? id : `${id.slice(0, 77)}...`);
}
