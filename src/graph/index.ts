export {
  blockingKind,
  blockingOnly,
  type CompactGraph,
  compactGraph,
  type EdgeColumns,
  preferredKind,
  reversed,
} from './compact-graph.ts';
export { Dag, type DagOptions } from './dag.ts';
export { DagView, type NodeSlack } from './dag-view.ts';
export { immediateDominators, noDominator, unreachable } from './dominators.ts';
export type { Edge, EdgeInput, EdgeKind } from './edge.ts';
export { elementaryCycles } from './elementary-cycles.ts';
export {
  cycleFound,
  edgeExists,
  edgeNotFound,
  GraphError,
  type GraphErrorCode,
  type GraphErrorDetails,
  invalidOperation,
  isGraphError,
  nodeExists,
  nodeNotFound,
  notConnected,
  selfLoop,
} from './errors.ts';
export { type CollapseOptions, collapse } from './export/collapse.ts';
export { type StatusLook, type StatusWord, statusLooks, statusWord, statusWords } from './export/status-look.ts';
export type { Theme } from './export/svg-style.ts';
export type { Paint } from './export/text-canvas.ts';
export { type DotOptions, toDot } from './export/to-dot.ts';
export {
  type JsonDrawing,
  type JsonDrawingEdge,
  type JsonDrawingNode,
  type JsonDrawingOptions,
  toJson,
} from './export/to-json.ts';
export { type MermaidOptions, toMermaid } from './export/to-mermaid.ts';
export { type SvgOptions, toSvg } from './export/to-svg.ts';
export { type TextOptions, toText } from './export/to-text.ts';
export type { DrawnEdge, DrawnGraph, DrawnNode, StatusCount } from './layout/drawn-graph.ts';
export {
  type Layout,
  type LayoutOptions,
  layout,
  type PlacedEdge,
  type PlacedLabel,
  type PlacedNode,
  type Point,
} from './layout/layout.ts';
export type { Measure, Size, TextRole } from './layout/node-size.ts';
export { levelsOf } from './levels.ts';
export { type CriticalPath, criticalPath, longestFrom } from './longest-path.ts';
export { ancestorsOf, descendantsOf } from './reachability.ts';
export { ReadySet } from './ready-set.ts';
export { type Slack, slackOf } from './slack.ts';
export { type Components, strongComponents } from './strong-components.ts';
export {
  cycleWitness,
  depthFirstOrder,
  hasCycle,
  kahnOrder,
  type OrderOrCycle,
  orderOrCycle,
} from './topological-order.ts';
export { transitiveClosure, transitiveReduction } from './transitive.ts';
export { isWeaklyConnected, weakComponents } from './weak-components.ts';
export type { Weights } from './weights.ts';
