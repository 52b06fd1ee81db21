/**
 * The same questions as `Dag`, answered in the slowest obvious way: an edge list, n × n closures by three nested loops, and
 * recursion over every path. Written from the definitions and not from the code; for graphs of a few nodes.
 */

export interface ModelEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'blocking' | 'preferred';
}

type Matrix = boolean[][];

export class AdjacencyModel {
  readonly nodes: string[];
  readonly edges: ModelEdge[];
  /** reach[u][v]: a path of one edge or more. */
  readonly reach: Matrix;
  readonly gates: Matrix;

  constructor(nodes: readonly string[], edges: readonly ModelEdge[]) {
    this.nodes = [...nodes];
    this.edges = [...edges];
    this.reach = this.closureOf(edges);
    this.gates = this.closureOf(edges.filter(({ kind }) => kind === 'blocking'));
  }

  closureOf(edges: readonly { readonly from: string; readonly to: string }[]): Matrix {
    const n = this.nodes.length;
    const at = new Map(this.nodes.map((id, index) => [id, index]));
    const matrix: Matrix = this.nodes.map(() => new Array<boolean>(n).fill(false));
    for (const { from, to } of edges) matrix[at.get(from)!]![at.get(to)!] = true;
    for (let via = 0; via < n; via += 1)
      for (let from = 0; from < n; from += 1)
        if (matrix[from]![via]) for (let to = 0; to < n; to += 1) if (matrix[via]![to]) matrix[from]![to] = true;
    return matrix;
  }

  leads(from: string, to: string, matrix: Matrix = this.reach): boolean {
    return matrix[this.nodes.indexOf(from)]![this.nodes.indexOf(to)]!;
  }

  edge(from: string, to: string): ModelEdge | undefined {
    return this.edges.find((edge) => edge.from === from && edge.to === to);
  }

  dependencies(id: string): string[] {
    return this.edges.filter(({ to }) => to === id).map(({ from }) => from);
  }

  dependents(id: string): string[] {
    return this.edges.filter(({ from }) => from === id).map(({ to }) => to);
  }

  hasCycle(): boolean {
    return this.nodes.some((_, index) => this.reach[index]![index]!);
  }

  ready(completed: ReadonlySet<string>): string[] {
    return this.nodes.filter(
      (id) =>
        !completed.has(id) &&
        this.edges.every(({ from, to, kind }) => to !== id || kind === 'preferred' || completed.has(from)),
    );
  }

  depthFirst(): string[] {
    const order: string[] = [];
    const visit = (id: string): void => {
      if (order.includes(id)) return;
      for (const before of this.dependencies(id)) visit(before);
      order.push(id);
    };
    for (const id of this.nodes) visit(id);
    return order;
  }

  queueOrder(): string[] {
    const order: string[] = [];
    const queue = this.nodes.filter((id) => this.dependencies(id).length === 0);
    while (queue.length > 0) {
      const id = queue.shift()!;
      order.push(id);
      for (const next of this.dependents(id)) {
        if (this.dependencies(next).every((before) => order.includes(before))) queue.push(next);
      }
    }
    return order;
  }

  /** The heaviest sum over every path from `id`. */
  rank(id: string, weight: (id: string) => number): number {
    return weight(id) + Math.max(0, ...this.dependents(id).map((next) => this.rank(next, weight)));
  }

  /** The heaviest sum over every path that ends just before `id`. */
  earliest(id: string, weight: (id: string) => number): number {
    return Math.max(0, ...this.dependencies(id).map((before) => this.earliest(before, weight) + weight(before)));
  }

  stage(id: string): number {
    return Math.max(-1, ...this.dependencies(id).map((before) => this.stage(before))) + 1;
  }

  /** Every elementary cycle, starting at its first node. */
  cycles(): string[][] {
    const found: string[][] = [];
    const walk = (path: string[]): void => {
      for (const next of this.dependents(path.at(-1)!)) {
        if (next === path[0]) found.push([...path]);
        else if (!path.includes(next) && this.nodes.indexOf(next) > this.nodes.indexOf(path[0]!)) walk([...path, next]);
      }
    };
    for (const id of this.nodes) walk([id]);
    return found;
  }

  /** The classes of an equivalence, by first node. */
  classes(same: (a: number, b: number) => boolean): string[][] {
    const classes: string[][] = [];
    this.nodes.forEach((id, index) => {
      const its = classes.find((members) => same(this.nodes.indexOf(members[0]!), index));
      if (its === undefined) classes.push([id]);
      else its.push(id);
    });
    return classes;
  }

  strongClasses(): string[][] {
    return this.classes((a, b) => a === b || (this.reach[a]![b]! && this.reach[b]![a]!));
  }

  weakClasses(): string[][] {
    const both = this.closureOf(
      this.edges.flatMap(({ from, to }) => [
        { from, to },
        { from: to, to: from },
      ]),
    );
    return this.classes((a, b) => a === b || both[a]![b]!);
  }

  /** Edges without those that a longer path of the right kind implies. */
  reduction(): string[] {
    return this.edges
      .filter(({ from, to, kind }) => {
        const matrix = kind === 'blocking' ? this.gates : this.reach;
        return !this.nodes.some((via) => this.leads(from, via, matrix) && this.leads(via, to, matrix));
      })
      .map(edgeText);
  }

  closure(): string[] {
    return this.nodes.flatMap((from) =>
      this.nodes
        .filter((to) => this.leads(from, to))
        .map((to) => edgeText({ from, to, kind: this.leads(from, to, this.gates) ? 'blocking' : 'preferred' })),
    );
  }

  /** By the definition: `by` dominates `id` if no root leads to `id` once `by` is taken out. */
  dominators(): Map<string, string | null> {
    const roots = this.nodes.filter((id) => this.dependencies(id).length === 0);
    const isReached = (id: string, without?: string): boolean => {
      const left = this.closureOf(this.edges.filter(({ from, to }) => from !== without && to !== without));
      return roots.some((root) => root !== without && (root === id || this.leads(root, id, left)));
    };
    const answer = new Map<string, string | null>();
    for (const id of this.nodes) {
      if (!isReached(id)) continue;
      const over = this.nodes.filter((by) => by !== id && !isReached(id, by));
      const nearest = over.find((by) => over.every((other) => other === by || !isReached(by, other)));
      answer.set(id, nearest ?? null);
    }
    return answer;
  }
}

export function edgeText({ from, to, kind }: ModelEdge): string {
  return `${from}>${to}:${kind}`;
}
