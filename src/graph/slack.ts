/** When each node may start at the soonest and at the latest, if nothing is to take longer than it must. */

import type { CompactGraph } from './compact-graph.ts';

export interface Slack {
  /** The soonest start of each node: when all it depends on is done. */
  readonly earliest: Float64Array;
  /** The latest start that delays nothing. */
  readonly latest: Float64Array;
  /** `latest` − `earliest`; 0 on every critical path. */
  readonly slack: Float64Array;
  /** When all is done: the length of the critical path. */
  readonly length: number;
}

/**
 * Earliest and latest starts by the durations of nodes, the first start at 0, any number of workers.
 *
 * `order` and `weights` as in `longest-path.ts`. Time O(n + m); space 24 bytes a node. With weights that are not integers
 * sums round, so the slack of a critical node may differ from 0 in the last digits.
 * Source: Kelley and Walker, "Critical-path planning and scheduling" (1959).
 */
export function slackOf(graph: CompactGraph, order: Int32Array, weights: ArrayLike<number>): Slack {
  const { nodeCount, outStart, outTo, inStart, inFrom } = graph;
  const earliest = new Float64Array(nodeCount);
  const latest = new Float64Array(nodeCount);
  const slack = new Float64Array(nodeCount);
  let length = 0;
  for (let at = 0; at < nodeCount; at += 1) {
    const node = order[at]!;
    let start = 0;
    for (let row = inStart[node]!; row < inStart[node + 1]!; row += 1) {
      const before = inFrom[row]!;
      start = Math.max(start, earliest[before]! + weights[before]!);
    }
    earliest[node] = start;
    length = Math.max(length, start + weights[node]!);
  }
  for (let at = nodeCount - 1; at >= 0; at -= 1) {
    const node = order[at]!;
    let end = length;
    for (let row = outStart[node]!; row < outStart[node + 1]!; row += 1) end = Math.min(end, latest[outTo[row]!]!);
    latest[node] = end - weights[node]!;
    slack[node] = latest[node]! - earliest[node]!;
  }
  return { earliest, latest, slack, length };
}
