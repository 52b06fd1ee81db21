/** The flows and graphs of the workload, as documents. */

import type { PlannedRun } from './plan.ts';

export type FlowName = keyof typeof flows;

const head = 'version: 1.0\nmatch: first\n';

/** Texts of all workflows. `t.mark` gives its `value` back, `t.flaky` fails until its attempt `succeedsAt`. */
export const flows = {
  cycle: `${head}
input: [rounds, pad]
vars: [round: 0]
tasks:
  begin: { action: core.noop, next: [do: work] }
  work:
    action: t.mark
    input: { value: <% ctx(round) + 1 %>, pad: <% ctx(pad) %> }
    next:
      - when: <% succeeded() and result() < ctx(rounds) %>
        publish: [round: <% result() %>]
        do: work
      - when: <% succeeded() %>
        publish: [round: <% result() %>]
output: [round: <% ctx(round) %>]
`,
  join: `${head}
input: [base]
tasks:
  begin: { action: core.noop, next: [do: [a, b, c]] }
  a: { action: t.mark, input: { value: <% ctx(base) + 1 %> }, next: [{ publish: [a: <% result() %>], do: meet }] }
  b: { action: t.mark, input: { value: <% ctx(base) + 2 %> }, next: [{ publish: [b: <% result() %>], do: meet }] }
  c: { action: t.mark, input: { value: <% ctx(base) + 3 %> }, next: [{ publish: [c: <% result() %>], do: meet }] }
  meet:
    join: all
    action: t.mark
    input: { value: <% ctx(a) + ctx(b) + ctx(c) %> }
    next: [publish: [sum: <% result() %>]]
output: [sum: <% ctx(sum) %>]
`,
  items: `${head}
input: [count]
tasks:
  each:
    with: { items: x in <% range(ctx(count)) %>, concurrency: 3 }
    action: t.mark
    input: { value: <% item(x) %> }
    next: [publish: [sum: <% result().sum() %>]]
output: [sum: <% ctx(sum) %>]
`,
  retry: `${head}
input: [succeedsAt]
tasks:
  flaky:
    action: t.flaky
    input: { succeedsAt: <% ctx(succeedsAt) %> }
    retry: { count: 5, delay: 0 }
    next: [publish: [answer: <% result() %>]]
output: [answer: <% ctx(answer) %>]
`,
  sleep: `${head}
input: [first, second]
tasks:
  nap: { action: core.sleep, input: { duration: <% ctx(first) %> }, next: [do: wake] }
  wake: { action: t.mark, input: { value: 1 }, next: [{ publish: [woken: <% result() %>], do: again }] }
  again: { action: core.sleep, input: { duration: <% ctx(second) %> }, next: [do: up] }
  up: { action: t.mark, input: { value: 2 }, next: [publish: [woken: <% result() %>]] }
output: [woken: <% ctx(woken) %>]
`,
  signal: `${head}
tasks:
  hear: { action: core.receive, input: { signal: news }, next: [{ publish: [one: <% result() %>], do: act }] }
  act: { action: t.mark, input: { value: 1 }, next: [do: more] }
  more: { action: core.receive, input: { signal: news }, next: [publish: [two: <% result() %>]] }
output: [one: <% ctx(one) %>, two: <% ctx(two) %>]
`,
  parent: `${head}
input: [base]
tasks:
  call:
    action: core.workflow
    input: { workflow: join, input: { base: <% ctx(base) %> } }
    next: [{ publish: [sum: <% result().sum %>], do: after }]
  after: { action: t.mark, input: { value: <% ctx(sum) * 2 %> }, next: [publish: [twice: <% result() %>]] }
output: [twice: <% ctx(twice) %>]
`,
  mixed: `${head}
input: [base]
tasks:
  begin: { action: t.mark, input: { value: <% ctx(base) %> }, next: [do: [each, flaky, nap, call]] }
  each:
    with: x in <% range(4) %>
    action: t.mark
    input: { value: <% item(x) %> }
    next: [{ publish: [items: <% result().sum() %>], do: meet }]
  flaky: { action: t.flaky, input: { succeedsAt: 2 }, retry: { count: 5, delay: 0 }, next: [do: meet] }
  nap: { action: core.sleep, input: { duration: 20ms }, next: [do: meet] }
  call:
    action: core.workflow
    input: { workflow: join, input: { base: <% ctx(base) %> } }
    next: [{ publish: [sum: <% result().sum %>], do: meet }]
  meet:
    join: all
    action: t.mark
    input: { value: <% ctx(items) + ctx(sum) %> }
    next: [publish: [answer: <% result() %>]]
output: [answer: <% ctx(answer) %>]
`,
  graph: `version: 1.0
input: [base]
tasks:
  first: { needs: [], action: t.mark, input: { value: <% ctx(base) %> } }
  left: { needs: [first], action: t.mark, input: { value: <% ctx(first) + 1 %> } }
  right:
    needs: [first, { task: left, kind: preferred }]
    action: t.mark
    input: { value: <% ctx(first) + 2 %> }
    cache: { key: <% ctx(base) %>, ttl: 1h }
  unwanted: { needs: [first], when: <% ctx(first) < 0 %>, action: t.mark, input: { value: 0 } }
  never: { needs: [unwanted], action: t.mark, input: { value: 0 } }
  grow:
    needs: [first]
    action: t.mark
    input: { value: 1 }
    expand: "<% [dict(name => x, action => 't.mark', input => dict(value => 5)), dict(name => y, needs => [x], before => [sum], action => 't.mark', input => dict(value => 6))] %>"
  sum: { needs: [left, right, grow], action: t.mark, input: { value: <% ctx(left) + ctx(right) %> } }
output: [sum: <% ctx(sum) %>]
`,
  saga: `version: 1.0
input: [base]
failure: skip
tasks:
  book: { needs: [], action: t.mark, input: { value: 1 }, compensate: { action: t.mark, input: { value: <% result() %> } } }
  pay:
    needs: [book]
    action: t.mark
    input: { value: 2 }
    compensate: { action: t.flaky, input: { succeedsAt: 2 }, retry: { count: 3 } }
  send: { needs: [pay], action: t.flaky, input: { succeedsAt: 1000 }, retry: { count: 1 } }
  beside: { needs: [], action: t.mark, input: { value: 3 }, compensate: { action: t.mark, input: { value: <% result() %> } } }
  after: { needs: [send], action: t.mark, input: { value: 4 } }
`,
  decided: `version: 1.0
tasks:
  stuck: { needs: [], action: t.flaky, input: { succeedsAt: 1000 }, intervention: true }
  use: { needs: [stuck], action: t.mark, input: { value: <% ctx(stuck) * 2 %> } }
output: [twice: <% ctx(use) %>]
`,
  endless: `${head}
tasks:
  work: { action: t.mark, input: { value: 1 }, next: [do: wait] }
  wait: { action: core.sleep, input: { duration: 24h } }
`,
} as const;

const order: readonly FlowName[] = [
  'cycle',
  'join',
  'items',
  'signal',
  'retry',
  'sleep',
  'parent',
  'endless',
  'mixed',
  'cycle',
  'graph',
  'saga',
  'decided',
  'graph',
];

/** The run with that number. `padBytes` makes its payloads that large. */
export function plannedFlow(number: number, { seed, padBytes }: { seed: number; padBytes: number }): PlannedRun {
  const flow = order[(number + seed) % order.length]!;
  const id = `${flow}-${number}`;
  const base = (number * 7 + seed) % 1_000;
  const plan = { id, flow, signals: [], cancel: false, status: 'succeeded' } as const;
  switch (flow) {
    case 'cycle': {
      const rounds = 1 + (base % 5);
      return { ...plan, input: { rounds, pad: 'x'.repeat(padBytes) }, output: { round: rounds } };
    }
    case 'join':
      return { ...plan, input: { base }, output: { sum: 3 * base + 6 } };
    case 'items': {
      const count = 2 + (base % 9);
      return { ...plan, input: { count }, output: { sum: (count * (count - 1)) / 2 } };
    }
    case 'retry': {
      const succeedsAt = 1 + (base % 4);
      return { ...plan, input: { succeedsAt }, output: { answer: 'ok' } };
    }
    case 'sleep': {
      const input = { first: `${5 + (base % 60)}ms`, second: `${5 + (base % 25)}ms` };
      return { ...plan, input, output: { woken: 2 } };
    }
    case 'signal': {
      const signals = [1, 2].map((one) => ({ id: `${id}/${one}`, name: 'news', payload: { number, one } }));
      return { ...plan, input: {}, signals, output: { one: { number, one: 1 }, two: { number, one: 2 } } };
    }
    case 'parent':
      return { ...plan, input: { base }, output: { twice: 2 * (3 * base + 6) } };
    case 'mixed':
      return { ...plan, input: { base }, output: { answer: 6 + 3 * base + 6 } };
    case 'graph':
      return { ...plan, input: { base: base % 50 }, output: { sum: 2 * (base % 50) + 3 } };
    case 'saga':
      return { ...plan, input: { base }, status: 'failed', output: undefined };
    case 'decided':
      return { ...plan, input: {}, decide: { task: 'stuck', output: base }, output: { twice: 2 * base } };
    case 'endless':
      return { ...plan, input: {}, cancel: true, status: 'canceled', output: undefined };
  }
}
