/** Compares a graph with the model of it, method by method. A difference names the method, both answers and the graph. */

import { Dag, type GraphError, isGraphError, ReadySet } from '../../src/graph/index.ts';
import { AdjacencyModel, edgeText } from './adjacency-model.ts';

export function agree(what: string, actual: unknown, expected: unknown): void {
  const one = JSON.stringify(actual);
  const other = JSON.stringify(expected);
  if (one !== other) throw new Error(`${what}: the graph says ${one}, the model ${other}`);
}

/** The error that a call throws; undefined when it returns. Anything but a `GraphError` is thrown on. */
export function errorOf(call: () => unknown): GraphError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (isGraphError(error)) return error;
    throw error;
  }
}

/** Nodes, edges and neighbours: what every change must keep right. */
export function agreeOnShape(dag: Dag, model: AdjacencyModel): void {
  agree('nodes', dag.nodes(), model.nodes);
  agree('nodeCount', dag.nodeCount, model.nodes.length);
  agree('edgeCount', dag.edgeCount, model.edges.length);
  agree('edges', dag.edges().map(edgeText), model.edges.map(edgeText));
  for (const id of model.nodes) {
    agree('dependencies', dag.dependencies(id), model.dependencies(id));
    agree('dependents', dag.dependents(id), model.dependents(id));
    for (const to of model.nodes) {
      const kind = model.edge(id, to)?.kind;
      if (dag.edgeKind(id, to) !== kind) agree('edgeKind', dag.edgeKind(id, to), kind);
      if (dag.hasEdge(id, to) !== (kind !== undefined)) agree('hasEdge', dag.hasEdge(id, to), kind !== undefined);
    }
  }
}

/** What holds for graphs with and without cycles. */
export function agreeOnParts(dag: Dag, model: AdjacencyModel, random: () => number): void {
  const { nodes } = model;
  nodes.forEach((id, index) => {
    agree('indexOf', dag.indexOf(id), index);
    agree('idAt', dag.idAt(index), id);
    agree('hasNode', dag.hasNode(id), true);
    const ancestors = nodes.filter((other) => other !== id && model.leads(other, id));
    agree('ancestors', dag.ancestors(id), ancestors);
    const descendants = nodes.filter((other) => other !== id && model.leads(id, other));
    agree('descendants', dag.descendants(id), descendants);
  });
  agree(
    'roots',
    dag.roots(),
    nodes.filter((id) => model.dependencies(id).length === 0),
  );
  agree(
    'leaves',
    dag.leaves(),
    nodes.filter((id) => model.dependents(id).length === 0),
  );

  const completed = new Set(['not in the graph', ...nodes.filter(() => random() < 0.5)]);
  const ready = model.ready(completed);
  agree('ready', dag.ready(completed), ready);
  agree(
    'blocked',
    dag.blocked(completed),
    nodes.filter((id) => !completed.has(id) && !ready.includes(id)),
  );
  for (const id of nodes) agree('isReady', dag.isReady(id, completed), ready.includes(id));

  const parts = model.weakClasses();
  agree('isConnected', dag.isConnected(), parts.length <= 1);
  const apart = errorOf(() => dag.validateConnected());
  agree(
    'validateConnected',
    apart?.details ?? null,
    parts.length <= 1
      ? null
      : {
          components: parts.length,
          examples: [parts[0]![0], parts[1]![0]],
        },
  );

  const strong = dag.stronglyConnectedComponents();
  const byFirst = [...strong].sort((a, b) => nodes.indexOf(a[0]!) - nodes.indexOf(b[0]!));
  agree('stronglyConnectedComponents', byFirst, model.strongClasses());
  const partOf = (id: string): number => strong.findIndex((members) => members.includes(id));
  for (const { from, to } of model.edges) agree('order of components', partOf(from) <= partOf(to), true);

  agree('hasCycle', dag.hasCycle(), model.hasCycle());
  const loop = nodes.find((id) => model.edge(id, id));
  agree(
    'validateNoSelfLoops',
    errorOf(() => dag.validateNoSelfLoops())?.details ?? null,
    loop === undefined ? null : { node: loop },
  );
  agree('transitiveClosure', dag.transitiveClosure().edges().map(edgeText), model.closure());
  agree('dominators', [...dag.dominators()], [...model.dominators()]);

  const kept = new Set(nodes.filter(() => random() < 0.6));
  const part = dag.subgraph(kept);
  agree(
    'subgraph nodes',
    part.nodes(),
    nodes.filter((id) => kept.has(id)),
  );
  agree(
    'subgraph edges',
    part.edges(),
    model.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  );
  const top = nodes[Math.floor(random() * nodes.length)];
  if (top !== undefined) {
    agree(
      'inducedSubgraph',
      dag.inducedSubgraph(top).nodes(),
      nodes.filter((id) => id === top || model.leads(id, top)),
    );
  }
}

export function agreeOnOrders(dag: Dag, model: AdjacencyModel, random: () => number): void {
  const { nodes } = model;
  agree('topologicalOrder', dag.topologicalOrder(), model.depthFirst());
  agree('topologicalOrderKahn', dag.topologicalOrderKahn(), model.queueOrder());
  const weights = new Map(nodes.filter(() => random() < 0.8).map((id) => [id, Math.floor(random() * 5)]));
  const weight = (id: string): number => weights.get(id) ?? 0;
  const ranks = nodes.map((id) => model.rank(id, weight));
  const total = Math.max(0, ...ranks);
  agree(
    'rank',
    [...dag.rank(weights)],
    nodes.map((id, index) => [id, ranks[index]]),
  );

  const { path, length } = dag.criticalPath(random() < 0.5 ? weights : weight);
  agree('criticalPath length', length, total);
  agree(
    'criticalPath sum',
    path.reduce((sum, id) => sum + weight(id), 0),
    total,
  );
  path.forEach((id, at) => {
    if (at > 0) agree('criticalPath edge', model.edge(path[at - 1]!, id) !== undefined, true);
  });
  const roots = nodes.filter((id) => model.dependencies(id).length === 0);
  agree('criticalPath start', path[0] ?? null, roots.find((id) => model.rank(id, weight) === total) ?? null);
  if (path.length > 0) agree('criticalPath end', model.dependents(path.at(-1)!), []);

  const slack = dag.slack(weights);
  nodes.forEach((id, index) => {
    const earliest = model.earliest(id, weight);
    const latest = total - ranks[index]!;
    agree('slack', slack.get(id), { earliest, latest, slack: latest - earliest });
  });

  const stages: string[][] = [];
  for (const id of nodes) {
    const stage = model.stage(id);
    while (stages.length <= stage) stages.push([]);
    stages[stage]!.push(id);
  }
  agree('stages', dag.stages(), stages);
  const reduced = dag.transitiveReduction();
  agree('transitiveReduction', reduced.edges().map(edgeText).sort(), model.reduction().sort());
  agree('findCycles', dag.findCycles(), []);
}

export function agreeOnCycles(dag: Dag, model: AdjacencyModel): void {
  const cycles = model.cycles();
  const found = dag.findCycles(10_000);
  const text = (all: string[][]): string[] => all.map((cycle) => JSON.stringify(cycle)).sort();
  agree('findCycles', text(found), text(cycles));
  const starts = found.map(([first]) => model.nodes.indexOf(first!));
  agree(
    'findCycles order',
    starts,
    [...starts].sort((a, b) => a - b),
  );
  if (cycles.length > 1) agree('findCycles limit', dag.findCycles(1), [found[0]]);

  const error = errorOf(() => dag.topologicalOrder());
  agree('topologicalOrder refuses', error?.code, model.hasCycle() ? 'cycle' : undefined);
  if (error === undefined) return;
  agreeOnWitness(error, (from, to) => model.edge(from, to) !== undefined);
  const refused = [
    () => dag.topologicalOrderKahn(),
    () => dag.criticalPath(new Map()),
    () => dag.rank(new Map()),
    () => dag.slack(new Map()),
    () => dag.stages(),
    () => dag.transitiveReduction(),
    () => Dag.of({ nodes: model.nodes, edges: model.edges }),
  ];
  const expected = model.nodes.some((id) => model.edge(id, id)) ? ['cycle', 'self_loop'] : ['cycle'];
  for (const call of refused) agree('refuses a cycle', expected.includes(errorOf(call)?.code ?? ''), true);
}

/** The cycle of an error is one: no node twice, and an edge from each to the next. */
export function agreeOnWitness(error: GraphError, hasEdge: (from: string, to: string) => boolean): void {
  if (!isGraphError(error, 'cycle')) throw error;
  const { cycle } = error.details;
  agree('witness is elementary', new Set(cycle).size, cycle.length);
  cycle.forEach((from, at) => {
    agree('edge of the witness', hasEdge(from, cycle[(at + 1) % cycle.length]!), true);
  });
}

/** Executes the graph in a random order, growing it on the way, and compares the ready set after each completion. */
export function agreeOnExecution(dag: Dag, model: AdjacencyModel, random: () => number): void {
  const set = new ReadySet(dag.compact());
  const nodes = [...model.nodes];
  const edges = [...model.edges];
  const completed = new Set<string>();
  const expected = (): number[] => new AdjacencyModel(nodes, edges).ready(completed).map((id) => nodes.indexOf(id));
  agree('readyNodes at the start', set.readyNodes(), expected());
  for (let ready = set.readyNodes(); ready.length > 0; ready = set.readyNodes()) {
    const node = ready[Math.floor(random() * ready.length)]!;
    const before = expected();
    completed.add(nodes[node]!);
    const fresh = expected().filter((other) => !before.includes(other));
    agree(
      'complete',
      set.complete(node).sort((a, b) => a - b),
      fresh,
    );
    agree('remaining', set.remaining, nodes.length - completed.size);
    if (random() < 0.2 && nodes.length < 14) {
      const added = set.addNode();
      const from = Math.floor(random() * added);
      nodes.push(`added ${added}`);
      set.addEdge(from, added);
      edges.push({ from: nodes[from]!, to: nodes[added]!, kind: 'blocking' });
    }
    agree('readyNodes', set.readyNodes(), expected());
  }
  if (!model.hasCycle()) agree('all complete', set.remaining, 0);
  set.reset();
  completed.clear();
  agree('readyNodes after reset', set.readyNodes(), expected());
}
