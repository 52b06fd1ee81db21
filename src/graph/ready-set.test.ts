import { describe, expect, it } from 'vitest';
import { errorFrom } from '../../test/graph/error-from.ts';
import { compactGraph, Dag, ReadySet } from './index.ts';

/** a(0) → b(1), a → c(2), b → d(3), c → d only preferred. */
const graph = Dag.fromEdges([
  ['a', 'b'],
  ['a', 'c'],
  ['b', 'd'],
  ['c', 'd', 'preferred'],
]).compact();

describe('given a graph about to be executed', () => {
  it('when it starts, then the nodes that nothing gates are ready', () => {
    const set = new ReadySet(graph);

    expect([set.readyNodes(), set.nodeCount, set.remaining]).toEqual([[0], 4, 4]);
    expect([set.isReady(0), set.isReady(1), set.isComplete(0)]).toEqual([true, false, false]);
  });

  it('when a node is completed, then what that made ready is answered', () => {
    const set = new ReadySet(graph);

    expect(set.complete(0)).toEqual([1, 2]);
    expect([set.isComplete(0), set.remaining, set.readyNodes()]).toEqual([true, 3, [1, 2]]);
  });

  it('when only a preferred dependency is missing, then the node is ready', () => {
    const set = new ReadySet(graph);
    set.complete(0);

    expect(set.complete(1)).toEqual([3]);
    expect(set.complete(3)).toEqual([]);
    expect(set.complete(2)).toEqual([]);
    expect(set.remaining).toBe(0);
  });

  it('when a node is completed twice, or before it is ready, then that is refused and nothing changes', () => {
    const set = new ReadySet(graph);
    set.complete(0);

    expect(errorFrom(() => set.complete(0)).code).toBe('invalid_operation');
    expect(errorFrom(() => set.complete(3)).code).toBe('invalid_operation');
    expect(set.readyNodes()).toEqual([1, 2]);
  });

  it.each([-1, 4, 0.5, Number.NaN])('when node %d is named, which there is not, then that is refused', (node) => {
    const set = new ReadySet(graph);

    for (const ask of [
      () => set.complete(node),
      () => set.isReady(node),
      () => set.isComplete(node),
      () => set.addEdge(0, node),
    ]) {
      expect(errorFrom(ask).code).toBe('node_not_found');
    }
  });
});

describe('given a graph that grows while it is executed', () => {
  it('when a node is added, then it has the next index and is ready', () => {
    const set = new ReadySet(graph);

    expect([set.addNode(), set.isReady(4), set.nodeCount]).toEqual([4, true, 5]);
  });

  it('when an edge is added, then its target waits for its source', () => {
    const set = new ReadySet(graph);
    const added = set.addNode();

    set.addEdge(0, added);

    expect(set.isReady(added)).toBe(false);
    expect(set.complete(0)).toEqual([1, 2, added]);
  });

  it('when the source is complete already, then the target does not wait', () => {
    const set = new ReadySet(graph);
    set.complete(0);
    const added = set.addNode();

    set.addEdge(0, added);

    expect(set.isReady(added)).toBe(true);
  });

  it('when a node that is ready gets a dependency, then it waits, and is named again when that is complete', () => {
    const set = new ReadySet(graph);
    set.complete(0);

    set.addEdge(1, 2);

    expect(set.readyNodes()).toEqual([1]);
    expect(set.complete(1)).toEqual([3, 2]);
  });

  it('when the target is complete, or the source itself, then the edge is refused', () => {
    const set = new ReadySet(graph);
    set.complete(0);

    expect(errorFrom(() => set.addEdge(1, 0)).code).toBe('invalid_operation');
    expect(errorFrom(() => set.addEdge(1, 1)).code).toBe('self_loop');
  });

  it('when it is reset, then it starts anew with what was added', () => {
    const set = new ReadySet(graph);
    const added = set.addNode();
    set.addEdge(3, added);
    set.complete(0);
    set.complete(1);

    set.reset();

    expect([set.readyNodes(), set.remaining, set.isReady(added)]).toEqual([[0], 5, false]);
  });

  it('when it starts without nodes, then they can all be added', () => {
    const set = new ReadySet(compactGraph({ nodeCount: 0, from: [], to: [] }));
    for (let node = 0; node < 1_000; node += 1) {
      set.addNode();
      if (node > 0) set.addEdge(node - 1, node);
    }

    let steps = 0;
    for (let ready = set.readyNodes(); ready.length > 0; ready = set.complete(ready[0]!)) steps += 1;

    expect([steps, set.remaining]).toEqual([1_000, 0]);
  });
});
