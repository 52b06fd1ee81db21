/**
 * What can be drawn: nodes and edges with the few words a picture shows. Any directed graph will do: flows with cycles,
 * DAGs, several components, parallel edges and self loops. Ids and labels come from users' documents and may be any text.
 */

export interface DrawnGraph {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly name?: string;
}

export interface DrawnNode {
  /** Unique in its graph. */
  readonly id: string;
  /** Default: the id. */
  readonly label?: string;
  /** A small second line. */
  readonly detail?: string;
  /** A word of a task's life: `ready`, `running`, `waiting`, `retrying`, `succeeded`, `failed`, `canceled`, `skipped`. Others show as unknown. */
  readonly status?: string;
  /** Nodes of one group may be drawn as one: see `collapse`. */
  readonly group?: string;
  readonly kind?: string;
  /** How many nodes this one stands for, when it stands for several. */
  readonly count?: number;
  /** How many of these are in which status, in the order in which they are to be read. */
  readonly counts?: readonly StatusCount[];
}

export interface StatusCount {
  readonly status: string;
  readonly count: number;
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly kind?: 'blocking' | 'preferred' | 'transition';
  /** The run went this way. */
  readonly taken?: boolean;
  /** How many edges this one stands for, when it stands for several. */
  readonly count?: number;
}

export function labelOf(node: DrawnNode): string {
  return node.label ?? node.id;
}
