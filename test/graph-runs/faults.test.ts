/** What the reviewers of graph runs and policies found. A test that is expected to fail names a fault that stands. */

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { driven, failed, succeeded, World } from './world.ts';

describe('given a group of which a task fails', () => {
  const document = `
version: 1.0
failure: partial
tasks:
  a: { action: do.a, group: g, compensate: undo.a }
  b: { action: do.b, group: g, needs: [] }
  c: { action: do.c }
`;

  // `#undoGroup` returns while the run is pausing or paused, and nothing asks again when it goes on.
  it('when that happens while the run is pausing, then the group is undone once it goes on', async () => {
    const world = new World({ script: { b: 'hold', c: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'pause', run });
    await world.fail('b');
    await world.complete('c');
    expect(await world.status(run)).toBe('paused');
    await world.ask({ op: 'resume', run });
    await world.ended(run);
    expect(world.began).toContain('undo a');
  });

  // The same: the next of the group is only looked for when a task of it ends in a running run.
  it('when undoing one task of it ends while the run is pausing, then the others are undone once it goes on', async () => {
    const world = new World({ script: { z: 'hold', c: 'hold', 'undo a': 'hold', 'undo b': 'hold' } });
    const run = await world.start(`
version: 1.0
failure: partial
tasks:
  a: { action: do.a, group: g, compensate: undo.a }
  b: { action: do.b, group: g, compensate: undo.b, needs: [a] }
  z: { action: do.z, group: g, needs: [b] }
  c: { action: do.c }
`);
    await world.fail('z');
    expect(world.running).toEqual(['c', 'undo b']);
    await world.ask({ op: 'pause', run });
    await world.complete('undo b');
    await world.complete('c');
    await world.ask({ op: 'resume', run });
    expect(world.running).toEqual(['undo a']);
  });
});

describe('given a list of items with a deadline and intervention', () => {
  const document = `
version: 1.0
tasks:
  a:
    needs: []
    with: { items: "<% range(3) %>" }
    action: do.a
    deadline: 10s
    intervention: true
`;

  // `DecisionAsked` takes one from `busy`, however many items run, and leaves the items as they were.
  it('when the deadline passes while items run, then no attempt counts as under way', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document);
    await world.advance(10_000);
    expect((await world.state(run)).busy).toBe(0);
  });

  // The items still count as running, so their ends are taken, and the last ends the task under the question.
  it('when items end after the person was asked, then the question stands', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document);
    await world.advance(10_000);
    for (let item = 0; item < 3; item += 1) await world.complete('a', item);
    expect(await world.status(run)).toBe('running');
    expect((await world.history(run)).filter(({ type }) => type === 'ItemEnded')).toEqual([]);
  });

  // The same: the stopped items end the list as canceled, which takes the run along.
  it('when the stopped items report that they were stopped, then the run is not canceled', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document);
    await world.advance(10_000);
    for (let item = 0; item < 3; item += 1) {
      world.harness.executor.end('a', { status: 'canceled', output: null });
      await world.settle();
    }
    expect(await world.status(run)).toBe('running');
  });

  // The same: the count is wrong, so the run cannot be loaded any more.
  it('when the process dies after the person was asked, then the question stands', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document);
    await world.advance(10_000);
    await world.reload();
    expect((await world.state(run)).open.get(0)?.asked).toBeDefined();
    expect((await world.history(run)).filter(({ type }) => type === 'AttemptLost')).toEqual([]);
  });
});

describe('given a task that waits, is compensated, and whose compensation cannot be rendered', () => {
  const cases: [string, string][] = [
    ['a sleep', '{ action: core.sleep, input: { seconds: 5 }'],
    ['a signal', '{ action: core.receive, input: { signal: go }'],
    ['no action', '{ priority: 5'],
  ];
  for (const [what, head] of cases) {
    // `#compensationOf` fails the run before `TaskEnded`, which drops the task that is just ending, since it is not busy.
    it(`when ${what} completes, then the run fails and is not broken`, async () => {
      const world = new World();
      const run = await world.start(`
version: 1.0
tasks:
  a: ${head}, needs: [], compensate: { action: undo.a, input: { x: "<% result().x.y + 1 %>" } } }
`);
      await world.ask({ op: 'signal', run, name: 'go', payload: 1 });
      await world.advance(5_000);
      expect((await world.ended(run)).status).toBe('failed');
    });
  }
});

describe('given a wait whose condition to try again cannot be evaluated', () => {
  // `retries` fails the run before `TaskEnded`, which drops the task that is just ending, since it is not busy.
  it('when the wait ends, then the run fails and is not broken', async () => {
    const world = new World();
    const run = await world.start(`
version: 1.0
tasks:
  a: { action: core.sleep, input: { seconds: 5 }, needs: [], retry: { count: 1, when: "<% result().x.y + 1 > 2 %>" } }
`);
    await world.advance(5_000);
    expect((await world.ended(run)).status).toBe('failed');
  });

  // The same in a flow.
  it('when the wait is of a flow, then the run fails and is not broken', async () => {
    const world = new World();
    const run = await world.start(`
version: 1.0
tasks:
  a: { action: core.sleep, input: { seconds: 5 }, retry: { count: 1, when: "<% result().x.y + 1 > 2 %>" } }
`);
    await world.advance(5_000);
    expect((await world.ended(run)).status).toBe('failed');
  });
});

describe('given a sub-workflow whose fallback is a sub-workflow', () => {
  const child = (action: string) => `
version: 1.0
tasks:
  work: { action: ${action} }
output: [{ by: ${action} }]
`;

  // A fallback does not count as another round, so that the second child has the id of the first, and no commit goes through.
  it('when the first fails, then the second runs as a run of its own', async () => {
    const world = new World({ script: { work: [failed(), succeeded()] } });
    const run = await world.start(
      `
version: 1.0
tasks:
  a:
    needs: []
    action: core.workflow
    input: { workflow: one }
    fallback: { action: core.workflow, input: { workflow: two } }
output: [{ a: "<% ctx(a) %>" }]
`,
      { children: { one: child('do.one'), two: child('do.two') } },
    );
    expect(await world.ended(run)).toMatchObject({ status: 'succeeded', output: { a: { by: 'do.two' } } });
  });
});

describe('given a fallback and a secret', () => {
  const secret = 'Bearer secret(KEY)';

  it('when the fallback names a secret in its input, then its attempt may read it', async () => {
    const world = new World({ script: { a: [failed(), succeeded()] } });
    await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, fallback: { action: do.b, input: { with: "${secret}" } } }
`);
    expect(world.orders[1]?.secrets).toEqual(['KEY']);
  });

  // `decodeFallback` gives `secrets: undefined`, which `foldFallback` spreads over the secrets of the task.
  it('when the fallback takes the input of the task and the run was loaded anew, then it has the same secrets', async () => {
    const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a, input: { with: "${secret}" }, fallback: do.b }
`;
    const straight = new World({ script: { a: [failed(), succeeded()] } });
    await straight.start(document);
    const loaded = new World({ script: { a: 'hold' } });
    await loaded.start(document);
    await loaded.reload();
    await loaded.fail('a');
    expect(loaded.orders.at(-1)?.action).toBe('do.b');
    expect(loaded.orders.at(-1)?.secrets).toEqual(straight.orders.at(-1)?.secrets);
    expect(loaded.orders.at(-1)?.secrets).toEqual(['KEY']);
  });
});

describe('given a task whose result is cached', () => {
  // `takeDecision` ends the task as succeeded, and `#closeTask` keeps what succeeded.
  it('when a person skips it after it failed, then what it was skipped with is not kept for others', async () => {
    const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a, cache: { key: k }, intervention: true }
output: [{ a: "<% ctx(a) %>" }]
`;
    const world = new World({ script: { a: [failed(), succeeded(7)] } });
    const run = await world.start(document);
    await world.decide(run, 'a', 'skip', 'made up');
    const other = await world.start(document);
    expect((await world.ended(other)).output).toEqual({ a: 7 });
  });

  // `reuseResult` ends the task through `#closeTask`, which arms the compensation.
  it('when its result came from another run and the run fails, then what the other run did is not undone', async () => {
    const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a, cache: { key: k }, compensate: undo.a }
  b: { needs: [a], action: do.b }
`;
    const world = new World({ script: { b: [succeeded(), failed()] } });
    const first = await world.start(document);
    expect((await world.ended(first)).status).toBe('succeeded');
    const second = await world.start(document);
    expect((await world.ended(second)).status).toBe('failed');
    expect(world.began).toEqual(['a', 'b', 'b']);
  });

  // The cache is asked for a task that was named to run again.
  it('when the run is ended and the task is named to run again, then it runs', async () => {
    const world = new World();
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, cache: { key: k } }\n');
    await world.ask({ op: 'rerun', run, tasks: ['a'] });
    expect(world.began).toEqual(['a', 'a']);
  });
});

describe('given a task that failed and that a person skipped', () => {
  // `takeDecision` ends the task as succeeded, and `#closeTask` arms the compensation.
  it('when the run fails afterwards, then what never succeeded is not undone', async () => {
    const world = new World({ script: { a: failed(), b: failed() } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, intervention: true, compensate: undo.a }
  b: { needs: [a], action: do.b }
`);
    await world.decide(run, 'a', 'skip');
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual(['a', 'b']);
  });
});

describe('given tasks that were added while the run was under way', () => {
  const growing = (tasks: string, more = '') => `
version: 1.0
failure: partial
input: [tasks: ${tasks}]
tasks:
  a: { needs: [], action: do.a, expand: "<% ctx(tasks) %>" }
${more}`;

  // The task that adds them counts among their needs, and has succeeded.
  it('when one of them needs any of two, then it waits for one of those two', async () => {
    const world = new World({ script: { x: 'hold', y: 'hold' } });
    await world.start(
      growing(
        '[{name: x, action: do.x}, {name: y, action: do.y}, {name: z, action: do.z, needs: [x, y], trigger: any_succeeded}]',
      ),
    );
    expect(world.began).toEqual(['a', 'x', 'y']);
    await world.complete('x');
    expect(world.began).toEqual(['a', 'x', 'y', 'z']);
  });

  // `isKept` keeps an added result when nobody needs it any more, and not only where nobody ever did.
  it('when another added task needs one of them, then its result is not among those that nothing needs', async () => {
    const world = new World({ script: { x: succeeded('x'), y: succeeded('y') } });
    const run = await world.start(growing('[{name: x, action: do.x}, {name: y, action: do.y, needs: [x]}]'));
    const { output } = await world.ended(run);
    expect(output).not.toHaveProperty('x');
    expect(output).toHaveProperty('y');
  });

  // A rerun keeps the tasks that were added, so that adding them again meets their names.
  it('when the task that added them runs again, then it may add them again', async () => {
    const world = new World({ script: { x: [failed(), succeeded(2)] } });
    const run = await world.start(growing('[{name: x, action: do.x}]'));
    const reply = await world.ask({ op: 'rerun', run, tasks: ['a'] });
    expect(reply.ok).toBe(true);
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'x', 'a', 'x']);
  });
});

describe('given a graph run that ended and runs tasks again', () => {
  // `RunEnded` as succeeded clears all results, and a rerun makes a new output.
  it('when others gave results before, then the output still has them', async () => {
    const world = new World({ script: { a: succeeded(1), b: [failed(), succeeded(2)] } });
    const run = await world.start(`
version: 1.0
failure: partial
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [], action: do.b }
`);
    expect((await world.ended(run)).output).toEqual({ a: 1 });
    await world.ask({ op: 'rerun', run });
    expect((await world.ended(run)).output).toEqual({ a: 1, b: 2 });
  });

  // What a task needed was let go once it succeeded, though a failure further up could bring it back.
  it.each(['after', 'before'])(
    'when a task of those that follow a failure reads results of others, then those were kept (it failed %s)',
    async (when) => {
      const script = { a: when === 'before' ? [failed(), succeeded(1)] : ('hold' as const), k: succeeded('kept') };
      const world = new World({ script });
      const run = await world.start(`
version: 1.0
failure: partial
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [], action: do.b }
  k: { needs: [], action: do.k }
  u: { needs: [a, b], trigger: any_succeeded, action: do.u }
  v: { needs: [u, k], action: do.v, input: { k: "<% ctx(k) %>" } }
output: [{ v: "<% ctx(v) %>" }]
`);
      if (when === 'after') {
        expect(world.began).toContain('v');
        await world.fail('a');
      }
      await world.ended(run);
      const reply = await world.ask({ op: 'rerun', run });
      expect(reply.ok).toBe(true);
      if (when === 'after') await world.complete('a');
      expect((await world.ended(run)).status).toBe('succeeded');
      expect(world.began.filter((name) => name === 'v')).toHaveLength(2);
      expect(world.began.filter((name) => name === 'k')).toHaveLength(1);
    },
  );

  // `RunEnded` clears `undo`, and a rerun does not bring it back.
  it('when a task fails that way, then what succeeded before is undone as well', async () => {
    const world = new World({ script: { b: [succeeded(), failed()] } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: undo.a }
  b: { needs: [a], action: do.b }
`);
    await world.ask({ op: 'rerun', run, tasks: ['b!'] });
    const { status } = await world.ended(run);
    expect(status).toBe('failed');
    expect(world.began).toContain('undo a');
  });

  // `#readsNothing` does not look at fallback, cache, compensate, deadline, `retry.when` and the width of a list.
  it('when a task that fails has a fallback that reads a result which is not kept, then it is refused', async () => {
    const world = new World({ script: { a: succeeded(5) } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [a], action: do.b, fallback: { action: do.c, input: { x: "<% ctx(a) %>" } } }
output: [{ done: true }]
`);
    expect((await world.ended(run)).status).toBe('succeeded');
    const reply = await world.ask({ op: 'rerun', run, tasks: ['b'] });
    expect(reply).toMatchObject({ ok: false, reason: 'rerun_not_possible' });
  });

  // A rerun begins all tasks, without the variables that `begin` could not tell.
  it('when its variables could never be rendered, then it does not run without them', async () => {
    const world = new World();
    const run = await world.start(`
version: 1.0
input: [n]
vars: [{ v: "<% ctx(n).x.y + 1 %>" }]
tasks:
  a: { needs: [], action: do.a }
`);
    expect((await world.ended(run)).status).toBe('failed');
    await world.ask({ op: 'rerun', run });
    expect(world.began).toEqual([]);
  });
});

describe('given an output that reads a result by a name that only shows at run time', () => {
  // `namedIn` looks for the names of tasks in the text of the output, and `ctx(ctx(which))` has none.
  it('when the run ends, then the result is there', async () => {
    const world = new World({ script: { a: succeeded(5) } });
    const run = await world.start(
      `
version: 1.0
input: [which]
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [a], action: do.b }
output: [{ x: "<% ctx(ctx(which)) %>" }]
`,
      { input: { which: 'a' } },
    );
    expect((await world.ended(run)).output).toEqual({ x: 5 });
  });
});

describe('given a sub-workflow that undoes a task', () => {
  // `#adopt` and `#wordFromParent` cancel every child of a failing run, also one that undoes a task.
  it('when the process dies while it runs, then it goes on to its end', async () => {
    const world = new World({ script: { b: failed(), back: 'hold' } });
    const run = await world.start(
      `
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: { action: core.workflow, input: { workflow: undo } } }
  b: { needs: [a], action: do.b }
`,
      { children: { undo: 'version: 1.0\ntasks:\n  back: { action: do.back }\n' } },
    );
    expect(world.running).toEqual(['back']);
    await world.reload();
    expect(world.running).toEqual(['back']);
    await world.complete('back');
    expect((await world.ended(run)).status).toBe('failed');
    expect(await world.errors(run)).toEqual(['task_failed']);
  });
});

describe('given a run that begins with named tasks, of which one waits for another', () => {
  // `begin` sets `left` to 0 while the need is still to end, which makes it -1; `left === 0` then never holds again.
  it('when a task is added before it, then it still runs', async () => {
    const world = new World();
    const workflow = world.harness.engine.programs.ofText(
      `
version: 1.0
concurrency: 1
tasks:
  a: { needs: [], action: do.a, expand: "<% list(dict(name => 'n', action => 'do.n', before => list('b'))) %>" }
  b: { needs: [a], action: do.b }
`,
      'w',
    );
    const { run } = await world.harness.engine.start({ workflow, from: ['a', 'b'] });
    await world.settle();
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'n', 'b']);
  });
});

describe('given a task whose deadline passes in the pause before it is tried again', () => {
  // `DecisionAsked` leaves `notBefore` as it was.
  it('when a person has it tried again, then it begins at once', async () => {
    const world = new World({ script: { a: [failed(), succeeded()] } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, deadline: 10s, intervention: true, retry: { count: 1, delay: 3600 } }
`);
    await world.advance(10_000);
    expect(await world.decide(run, 'a', 'retry')).toMatchObject({ ok: true });
    expect(world.began).toEqual(['a', 'a']);
  });
});

describe('given a fork of a run that was being canceled', () => {
  // `restartChildren` starts the child of a run that is canceling or paused as if it were running.
  it('when a sub-workflow is started anew for it, then that hears of the cancellation', async () => {
    const world = new World({ script: { work: 'hold' } });
    const run = await world.start(
      'version: 1.0\ntasks:\n  a: { needs: [], action: core.workflow, input: { workflow: child } }\n',
      { children: { child: 'version: 1.0\ntasks:\n  work: { action: do.work }\n  more: { action: do.more }\n' } },
    );
    await world.ask({ op: 'cancel', run });
    const { revision } = await world.state(run);
    const fork = await world.fork(run, revision);
    expect(await world.status(`${fork}/0` as RunId)).toBe('canceled');
  });
});

describe('given a deadline that is no time', () => {
  // `Date.parse` reads `soon 3` as a day of 2001.
  it('when it only ends in a number, then it is refused as the text it is', async () => {
    const world = new World();
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, deadline: soon 3 }\n');
    const { errors } = await world.ended(run);
    expect(errors[0]?.kind).toBe('type');
  });
});

describe.each([
  [
    'graph',
    'version: 1.0\ntasks:\n  a: { needs: [], action: do.a, compensate: undo.a }\noutput: [{ x: "<% ctx(a).x.y + 1 %>" }]\n',
  ],
  [
    'flow',
    'version: 1.0\nvars: [{ v: 1 }]\ntasks:\n  a: { action: do.a, compensate: undo.a }\noutput: [{ x: "<% ctx(v).x.y + 1 %>" }]\n',
  ],
])('given a %s whose output cannot be told', (_style, document) => {
  // `#end` turns a run that was to succeed into a failed one without undoing anything.
  it('when the run fails for that, then what succeeded is undone', async () => {
    const { world, result } = await driven(document);
    expect(result.status).toBe('failed');
    expect(world.began).toEqual(['a', 'undo a']);
  });
});

describe('given a task that is added before one that was cut off or skipped', () => {
  const document = `
version: 1.0
failure: partial
tasks:
  a: { needs: [], action: do.a, expand: "<% result() %>" }
  bad: { needs: [], action: do.bad }
  c: { needs: [bad], action: do.c }
`;

  it('when it is added before that, then the run goes on', async () => {
    const world = new World({ script: { a: 'hold', bad: 'hold' } });
    const run = await world.start(document);
    await world.complete('a', [{ name: 'x', before: ['c'] }]);
    await world.fail('bad');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  // Over counts as begun, so that the end of the run hangs on which of two tasks ended first.
  it('when it is added after that, then the run goes on all the same', async () => {
    const world = new World({ script: { a: 'hold', bad: 'hold' } });
    const run = await world.start(document);
    await world.fail('bad');
    await world.complete('a', [{ name: 'x', before: ['c'] }]);
    expect((await world.ended(run)).status).toBe('succeeded');
  });
});

describe('given a run that is being canceled', () => {
  const cases: [string, string, string][] = [
    ['a task then fails', 'needs: [], action: do.a', 'fails'],
    ['a task then succeeds and adds nonsense', 'needs: [], action: do.a, expand: "<% result() %>"', 'nonsense'],
    [
      'its condition to try again is faulty',
      'needs: [], action: do.a, retry: { count: 1, when: "<% result().x.y + 1 > 1 %>" }',
      'x',
    ],
    ['the same of a flow', 'action: do.a, retry: { count: 1, when: "<% result().x.y + 1 > 1 %>" }', 'x'],
  ];
  for (const [what, body, output] of cases) {
    // A directive `fail` turns a run that is being canceled to failing; a canceled sub-workflow counts as a failure too.
    it(`when ${what}, then it ends as canceled`, async () => {
      const world = new World({ script: { a: 'hold' } });
      const run = await world.start(`version: 1.0\ntasks:\n  a: { ${body} }\n`);
      await world.ask({ op: 'cancel', run, reason: 'enough' });
      if (output === 'fails') await world.fail('a');
      else await world.complete('a', output);
      expect((await world.ended(run)).status).toBe('canceled');
    });
  }
});

describe('given a person who decides something that does not exist', () => {
  // Nothing looks at the choice, and whatever is neither retry nor skip fails the task.
  it('when they write "Retry", then that is refused and the question stands', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, intervention: true }\n');
    expect(await world.decide(run, 'a', 'Retry' as 'retry')).toMatchObject({ ok: false });
    expect(await world.status(run)).toBe('running');
  });
});

describe('given a run that was terminated with a task that can be undone', () => {
  // What a task needed was let go once it succeeded, though a failure further up could bring it back.
  it.each(['after', 'before'])(
    'when a task of those that follow a failure reads results of others, then those were kept (it failed %s)',
    async (when) => {
      const script = { a: when === 'before' ? [failed(), succeeded(1)] : ('hold' as const), k: succeeded('kept') };
      const world = new World({ script });
      const run = await world.start(`
version: 1.0
failure: partial
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [], action: do.b }
  k: { needs: [], action: do.k }
  u: { needs: [a, b], trigger: any_succeeded, action: do.u }
  v: { needs: [u, k], action: do.v, input: { k: "<% ctx(k) %>" } }
output: [{ v: "<% ctx(v) %>" }]
`);
      if (when === 'after') {
        expect(world.began).toContain('v');
        await world.fail('a');
      }
      await world.ended(run);
      const reply = await world.ask({ op: 'rerun', run });
      expect(reply.ok).toBe(true);
      if (when === 'after') await world.complete('a');
      expect((await world.ended(run)).status).toBe('succeeded');
      expect(world.began.filter((name) => name === 'v')).toHaveLength(2);
      expect(world.began.filter((name) => name === 'k')).toHaveLength(1);
    },
  );

  // `RunEnded` clears `undo`, and a rerun does not bring it back.
  it('when it runs again and fails, then that task is undone', async () => {
    const world = new World({ script: { b: 'hold' } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: undo.a }
  b: { needs: [a], action: do.b }
`);
    await world.ask({ op: 'terminate', run });
    await world.ask({ op: 'rerun', run });
    await world.fail('b');
    await world.fail('b').catch(() => {});
    await world.ended(run);
    expect(world.began).toContain('undo a');
  });
});

describe('given a flow that is paused while it waits for an answer', () => {
  // `#fail` of a flow does nothing while the run is paused, and nothing asks again when it goes on.
  it('when the answer does not come in time, then the run fails once it goes on', async () => {
    const world = new World();
    const run = await world.start(
      'version: 1.0\ntasks:\n  a: { action: core.ask, input: { question: "?", timeout: 10 } }\n',
    );
    await world.ask({ op: 'pause', run });
    await world.advance(10_000);
    await world.ask({ op: 'resume', run });
    expect((await world.ended(run)).status).toBe('failed');
  });
});

describe('given a task that failed beside another, and a third that came after both', () => {
  // The result of a need is dropped once all that need it succeeded, although a failed need beside it makes them run again.
  it('when those that failed are to run again, then they may, although the third has read the other', async () => {
    const world = new World({ script: { y: [failed(), succeeded(2)] } });
    const run = await world.start(`
version: 1.0
failure: skip
tasks:
  x: { needs: [], action: do.x }
  y: { needs: [], action: do.y }
  clean: { needs: [x, y], trigger: all_done, action: do.clean, input: { x: "<% ctx(x) %>" } }
`);
    expect((await world.ended(run)).status).toBe('failed');
    expect(await world.ask({ op: 'rerun', run })).toMatchObject({ ok: true });
  });
});

describe('given a fork of a run long after a task with a deadline began', () => {
  // A deadline of a task goes on to the instant it had, so that an old fork misses it at once.
  it('when the fork goes on, then the task has its time again', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, deadline: 10m }\n');
    const { revision } = await world.state(run);
    await world.complete('a');
    await world.advance(3_600_000);
    const fork = await world.fork(run, revision);
    await world.advance(0);
    expect(await world.status(fork)).toBe('running');
  });
});
