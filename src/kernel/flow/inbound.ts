/** Whether enough has arrived at a task for it to run. */

import { type FlowGraph, nodeOf } from './graph.ts';
import { type FlowState, placeOf } from './state.ts';

/**
 * `satisfied`: enough distinct tasks have led here. `open`: not yet, and something may still come. `unsatisfied`: no more.
 *
 * Asked of the latest instance of each task that leads here, on `route`; in a cycle that may be one of the round before.
 * `active` says whether anything in the run is under way or about to start.
 */
export function inboundStatus(
  state: FlowState,
  graph: FlowGraph,
  name: string,
  route: number,
  active: boolean,
): 'satisfied' | 'open' | 'unsatisfied' {
  const node = nodeOf(graph, name);
  const led = new Map<string, boolean>();
  for (const edge of node.inbound) {
    const entry = state.latest.get(placeOf({ name: edge.source, route }));
    if (entry === undefined || led.get(edge.source) === true) continue;
    led.set(edge.source, entry.taken.includes(edge.index));
  }
  let count = 0;
  for (const one of led.values()) if (one) count += 1;
  if (count >= (node.join ?? 1)) return 'satisfied';
  return led.size < node.sources.length && active ? 'open' : 'unsatisfied';
}
