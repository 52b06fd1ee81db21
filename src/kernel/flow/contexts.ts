/**
 * The contexts of a flow run: what each task sees, as ordered lists of numbered publishes, shared as a tree.
 *
 * A node is one publish on top of its parent; its context is everything from the root down to it, merged in that order:
 * maps merge key by key, anything else replaces. A branch that publishes nothing shares its parent's node. Where branches
 * join, the publishes of the one that arrives and that the join does not have yet are appended in their order.
 *
 * C1. A node is never changed but by `fold`, which keeps the context of every node that is still held.
 * C2. A publish has one number for ever. Two nodes with the same number hold the same publish.
 * C3. `fold` makes the table as small as what is held needs: a loop of 100,000 rounds holds a few nodes.
 *
 * Reading a context costs what was published since the nearest node that was read before; a join, the length of the two
 * branches since their fork.
 */

import { assert, isJsonObject, type Json, type JsonObject, setOwn } from '../../base/index.ts';
import { applyPatch, composePatches, type Patch } from './patch.ts';

interface ContextNode {
  readonly id: number;
  parent: ContextNode | undefined;
  depth: number;
  readonly publish: number;
  patch: Patch;
  /** The merged context, once somebody has asked. */
  value: JsonObject | undefined;
}

export class Contexts {
  readonly #nodes = new Map<number, ContextNode>();
  #nextNode = 0;
  #nextPublish = 0;

  get size(): number {
    return this.#nodes.size;
  }

  /** The first node: inputs and variables. */
  root(values: JsonObject): number {
    assert(this.#nodes.size === 0, 'a run has one root context');
    return this.#add(undefined, this.#nextPublish++, { '~': values });
  }

  /** A new node: `values` published on top of `parent`. */
  publish(parent: number, values: JsonObject): number {
    return this.#add(this.#node(parent), this.#nextPublish++, { '~': values });
  }

  /** The context of `held` and then of `arriving`: `held` itself where the arrival brings nothing new. */
  join(held: number, arriving: number): number {
    let left: ContextNode | undefined = this.#node(held);
    let right: ContextNode | undefined = this.#node(arriving);
    const mine = new Set<number>();
    const theirs: ContextNode[] = [];
    while (left !== right) {
      if (right === undefined || (left !== undefined && left.depth > right.depth)) {
        assert(left !== undefined, 'two branches differ until they meet');
        mine.add(left.publish);
        left = left.parent;
      } else {
        theirs.push(right);
        right = right.parent;
      }
    }
    let node = this.#node(held);
    for (const one of theirs.reverse()) {
      if (mine.has(one.publish)) continue;
      node = this.#node(this.#add(node, one.publish, one.patch));
    }
    return node.id;
  }

  /** The variables a task with this context sees. Shared: do not change them. */
  value(id: number): JsonObject {
    const pending: ContextNode[] = [];
    let node: ContextNode | undefined = this.#node(id);
    while (node !== undefined && node.value === undefined) {
      pending.push(node);
      node = node.parent;
    }
    let value: JsonObject = node?.value ?? {};
    for (const next of pending.reverse()) {
      const merged = applyPatch(value, next.patch);
      assert(isJsonObject(merged), 'a context is a map');
      value = merged;
      next.value = value;
    }
    return value;
  }

  /** The variables seen by a join of all of these, in order. Changes nothing. Costs the publishes they hold. */
  joinedValue(ids: readonly number[]): JsonObject {
    const [first] = ids;
    if (first === undefined) return {};
    let value: JsonObject = this.value(first);
    const seen = new Set<number>();
    for (let node: ContextNode | undefined = this.#node(first); node !== undefined; node = node.parent)
      seen.add(node.publish);
    for (const id of ids.slice(1)) {
      const fresh: ContextNode[] = [];
      for (let node: ContextNode | undefined = this.#node(id); node !== undefined; node = node.parent) {
        if (!seen.has(node.publish)) fresh.push(node);
      }
      for (const node of fresh.reverse()) {
        seen.add(node.publish);
        const merged = applyPatch(value, node.patch);
        assert(isJsonObject(merged), 'a context is a map');
        value = merged;
      }
    }
    return value;
  }

  /** Drops what no node of `held` needs, and makes one of publishes that every holder has both of. */
  fold(held: Iterable<number>): void {
    const holders = new Set<ContextNode>();
    for (const id of held) holders.add(this.#node(id));
    const children = new Map<ContextNode, number>();
    const uses = new Map<number, number>();
    const kept = new Set<ContextNode>();
    for (const holder of holders) {
      for (let node: ContextNode | undefined = holder; node !== undefined && !kept.has(node); node = node.parent) {
        kept.add(node);
        uses.set(node.publish, (uses.get(node.publish) ?? 0) + 1);
        if (node.parent !== undefined) children.set(node.parent, (children.get(node.parent) ?? 0) + 1);
      }
    }
    const inOrder = [...kept].sort((a, b) => a.depth - b.depth);
    for (const node of inOrder) {
      for (let parent = node.parent; parent !== undefined; parent = node.parent) {
        if (
          holders.has(parent) ||
          children.get(parent) !== 1 ||
          uses.get(parent.publish) !== 1 ||
          uses.get(node.publish) !== 1
        )
          break;
        node.patch = composePatches(parent.patch, node.patch);
        node.parent = parent.parent;
        kept.delete(parent);
      }
      node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
    }
    for (const node of this.#nodes.values()) {
      if (!kept.has(node)) this.#nodes.delete(node.id);
    }
  }

  freeze(): Json {
    const nodes = [...this.#nodes.values()].map(
      (node) => [node.id, node.parent?.id ?? -1, node.publish, node.patch] as Json,
    );
    return { next: [this.#nextNode, this.#nextPublish], nodes };
  }

  static thaw(frozen: Json): Contexts {
    const { next, nodes } = frozen as unknown as { next: [number, number]; nodes: [number, number, number, Patch][] };
    const contexts = new Contexts();
    const parents = new Map(nodes.map(([id, parent]) => [id, parent]));
    const byId = new Map(nodes.map((entry) => [entry[0], entry]));
    const build = (id: number): void => {
      const pending = [id];
      for (let at = parents.get(id)!; at !== -1 && !contexts.#nodes.has(at); at = parents.get(at)!) pending.push(at);
      for (const one of pending.reverse()) {
        if (contexts.#nodes.has(one)) continue;
        const [, parentId, publish, patch] = byId.get(one)!;
        const parent = parentId === -1 ? undefined : contexts.#nodes.get(parentId);
        const depth = parent === undefined ? 0 : parent.depth + 1;
        contexts.#nodes.set(one, { id: one, parent, depth, publish, patch, value: undefined });
      }
    };
    for (const [id] of nodes) build(id);
    [contexts.#nextNode, contexts.#nextPublish] = next;
    return contexts;
  }

  #add(parent: ContextNode | undefined, publish: number, patch: Patch): number {
    const id = this.#nextNode++;
    const depth = parent === undefined ? 0 : parent.depth + 1;
    this.#nodes.set(id, { id, parent, depth, publish, patch, value: undefined });
    return id;
  }

  #node(id: number): ContextNode {
    const node = this.#nodes.get(id);
    assert(node !== undefined, `context ${id} is gone`);
    return node;
  }
}

/** The variables with `name` set, for an expression that sees the ones before it. */
export function withVariable(variables: JsonObject, name: string, value: Json): JsonObject {
  const copy: { [key: string]: Json } = { ...variables };
  setOwn(copy, name, value);
  return copy;
}
