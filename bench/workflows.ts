/** The workflows and the action of the workloads. The action is a user's own, run by the worker, and returns at once. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Pawl } from '../src/create-pawl.ts';
import { createPawl, defineAction, type Json, type PawlOptions, type Workflow } from '../src/index.ts';

export const payload = 'x'.repeat(90);

interface Data {
  readonly data: string;
  readonly n?: number;
}

export const echo = defineAction<Data, Json>({ name: 'user.echo', handler: (input) => ({ data: input.data }) });
const count = defineAction<{ data: string; n: number }, Json>({
  name: 'user.count',
  handler: (input) => ({ data: input.data, n: input.n + 1 }),
});
const slow = defineAction<Data, Json>({
  name: 'user.slow',
  async handler(input) {
    await delay(20);
    return { data: input.data };
  },
});

const nothing = defineAction<Json, Json>({ name: 'user.nothing', handler: () => null });

export const actions = [echo, count, slow, nothing];

export function open(path: string, options: Partial<PawlOptions> = {}): Promise<Pawl> {
  return createPawl({ path, actions, concurrency: 100_000, listen: false, ...options });
}

function chained(names: readonly string[], action: string): string {
  const tasks = names.map((name, index) => {
    const next = names[index + 1];
    return `  ${name}:
    action: ${action}
    input: { data: <% ctx(data) %> }
    next:
      - when: <% succeeded() %>
        publish: [{ data: <% result().data %> }]${next === undefined ? '' : `\n        do: ${next}`}`;
  });
  return `version: 1.0\ninput: [data]\ntasks:\n${tasks.join('\n')}\noutput: [{ data: <% ctx(data) %> }]\n`;
}

export const oneTask = (pawl: Pawl): Workflow => pawl.workflow(chained(['only'], 'user.echo'), 'one');
export const threeTasks = (pawl: Pawl): Workflow =>
  pawl.workflow(chained(['first', 'second', 'third'], 'user.echo'), 'three');
export const tenSlowTasks = (pawl: Pawl): Workflow =>
  pawl.workflow(
    chained(
      Array.from({ length: 10 }, (_, n) => `t${n}`),
      'user.slow',
    ),
    'ten',
  );

/** A cycle of two tasks with a counter. */
export const cycle = (pawl: Pawl): Workflow =>
  pawl.workflow(
    `version: 1.0
match: first
input: [data, rounds]
vars: [{ n: 0 }]
tasks:
  begin:
    action: user.echo
    input: { data: <% ctx(data) %> }
    next: [{ do: ping }]
  ping:
    action: user.count
    input: { data: <% ctx(data) %>, n: <% ctx(n) %> }
    next:
      - when: <% succeeded() and result().n < ctx(rounds) %>
        publish: [{ data: <% result().data %> }, { n: <% result().n %> }]
        do: pong
      - publish: [{ n: <% result().n %> }]
  pong:
    action: user.count
    input: { data: <% ctx(data) %>, n: <% ctx(n) %> }
    next:
      - when: <% succeeded() and result().n < ctx(rounds) %>
        publish: [{ data: <% result().data %> }, { n: <% result().n %> }]
        do: ping
      - publish: [{ n: <% result().n %> }]
output: [{ n: <% ctx(n) %> }]
`,
    'cycle',
  );

/** So many items, and a join behind them. */
export const fanOut = (pawl: Pawl): Workflow =>
  pawl.workflow(
    `version: 1.0
input: [data, items]
tasks:
  begin:
    action: user.echo
    input: { data: <% ctx(data) %> }
    next: [{ do: [all, beside] }]
  all:
    with: i in <% ctx(items) %>
    action: user.echo
    input: { data: <% ctx(data) %>, n: <% item(i) %> }
    next: [{ publish: [{ count: <% result().len() %> }], do: meet }]
  beside:
    action: user.echo
    input: { data: <% ctx(data) %> }
    next: [{ do: meet }]
  meet:
    join: all
    action: user.echo
    input: { data: <% ctx(data) %> }
output: [{ count: <% ctx(count) %> }]
`,
    'fan-out',
  );

export const sleeper = (pawl: Pawl): Workflow =>
  pawl.workflow(
    'version: 1.0\ninput: [data]\ntasks:\n  nap:\n    action: core.sleep\n    input: { duration: 1d }\n',
    'sleeper',
  );

export const listener = (pawl: Pawl): Workflow =>
  pawl.workflow(
    'version: 1.0\ntasks:\n  hear:\n    action: core.receive\n    input: { signal: go }\n    next: [{ publish: [{ heard: <% result() %> }] }]\noutput: [{ heard: <% ctx(heard) %> }]\n',
    'listener',
  );
