/** Which runs a turn must make durable together: a parent and the children it heard from or spoke to. */

import type { HotRun } from './hot-run.ts';

/** Sets of runs that belong together, by union and find. */
export class Links {
  readonly #heads = new Map<HotRun, HotRun>();

  join(one: HotRun, other: HotRun): void {
    const [a, b] = [this.headOf(one), this.headOf(other)];
    if (a !== b) this.#heads.set(b, a);
  }

  headOf(run: HotRun): HotRun {
    let head = run;
    for (let above = this.#heads.get(head); above !== undefined; above = this.#heads.get(head)) head = above;
    return head;
  }

  get isEmpty(): boolean {
    return this.#heads.size === 0;
  }
}

/** The runs in groups, in the order they were touched. */
export function bundlesOf(touched: readonly HotRun[], links: Links): readonly (readonly HotRun[])[] {
  if (links.isEmpty) return touched.map((run) => [run]);
  const groups = new Map<HotRun, HotRun[]>();
  for (const run of touched) {
    const head = links.headOf(run);
    const group = groups.get(head);
    if (group === undefined) groups.set(head, [run]);
    else group.push(run);
  }
  return [...groups.values()];
}
