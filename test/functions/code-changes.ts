/** Changes of a durable function's code, each as code before and after; the table of docs/versions.md says what becomes of a run. */

import { type RunContext, workflow } from '../../src/index.ts';

export interface CodeChange {
  readonly before: Body;
  readonly after: Body;
  /** Signals that the run gets before its code changes. */
  readonly signals?: readonly string[];
  /** Updates that are asked for, and answered, before. */
  readonly updates?: readonly string[];
}

export type Body = (run: RunContext, input: { readonly round?: number }) => unknown;

/** What its workflow may call beside steps. */
export const child = workflow('child', async () => 'child');
export const otherChild = workflow('other child', async () => 'other');

const step = (run: RunContext, name: string): Promise<unknown> => run.step(name, () => name);
const go = (run: RunContext): Promise<unknown> => run.signal('go');

/** A function that makes steps of these names in turn; `go` is where it waits. */
const turns =
  (...names: string[]): Body =>
  async (run) => {
    for (const name of names) await (name === 'go' ? go(run) : step(run, name));
  };

/** Two at the same time, the second of which ends first. */
const together =
  (...names: string[]): Body =>
  async (run) => {
    await run.all(names.map((name) => () => (name === 'late' ? run.sleep('1ms') : step(run, name))));
    await go(run);
  };

export const codeChanges: { readonly [change: string]: CodeChange } = {
  nothing: { before: turns('a', 'go'), after: turns('a', 'go') },
  'a call added before': { before: turns('a', 'go'), after: turns('new', 'a', 'go') },
  'a call added just before the wait': { before: turns('a', 'go'), after: turns('a', 'new', 'go') },
  'a call removed before': { before: turns('a', 'b', 'go'), after: turns('b', 'go') },
  'two calls in another order, before': { before: turns('a', 'b', 'go'), after: turns('b', 'a', 'go') },
  'a call renamed before': { before: turns('a', 'go'), after: turns('z', 'go') },
  'a call added behind': { before: turns('a', 'go'), after: turns('a', 'go', 'new') },
  'a call removed behind': { before: turns('a', 'go', 'b'), after: turns('a', 'go') },
  'calls renamed, or in another order, behind': { before: turns('go', 'b', 'c'), after: turns('go', 'c', 'z') },
  'the call it waits in removed': { before: turns('a', 'go'), after: turns('a') },
  'a step become a task of the same name': {
    before: turns('a', 'go'),
    after: async (run) => {
      await run.task('core.echo', {}, { name: 'a' });
      await go(run);
    },
  },
  'a step become a sleep': {
    before: turns('a', 'go'),
    after: async (run) => {
      await run.sleep('1s');
      await go(run);
    },
  },
  'what a step does': {
    before: turns('a', 'go'),
    after: async (run) => {
      await run.step('a', () => 'done in another way');
      await go(run);
    },
  },
  'the input of a task': {
    before: async (run) => {
      await run.task('core.echo', { message: 'one' });
      await go(run);
    },
    after: async (run) => {
      await run.task('core.echo', { message: 'two' });
      await go(run);
    },
  },
  'the action of a task, under another name': {
    before: async (run) => {
      await run.task('core.echo', {});
      await go(run);
    },
    after: async (run) => {
      await run.task('core.other', {});
      await go(run);
    },
  },
  'retries, timeouts, deadlines': {
    before: turns('a', 'go'),
    after: async (run) => {
      await run.step('a', () => 'a', { retry: { count: 9 }, timeout: '9s', deadline: '9d' });
      await go(run);
    },
  },
  'how long a sleep lasts that it is in': {
    before: async (run) => run.sleep('1d'),
    after: async (run) => run.sleep('2d'),
  },
  'the name of a signal it waits for': { before: go, after: (run) => run.signal('start') },
  'the timeout of a signal it waits for': { before: go, after: (run) => run.signal('go', { timeout: '1d' }) },
  'a signal become a question': { before: go, after: (run) => run.ask('go', 'shall I?') },
  'a `waitUntil` added': {
    before: turns('a', 'go'),
    after: async (run) => {
      await step(run, 'a');
      await run.waitUntil(() => true);
      await go(run);
    },
  },
  'a `waitUntil` removed': {
    before: async (run) => {
      await step(run, 'a');
      await run.waitUntil(() => true);
      await go(run);
    },
    after: turns('a', 'go'),
  },
  'a query, a `publish` or a `compensate` added': {
    before: turns('a', 'go'),
    after: async (run) => {
      run.query('how', () => 'well');
      await step(run, 'a');
      run.compensate(() => step(run, 'undo a'));
      run.publish('a', 'done');
      await go(run);
    },
  },
  'a `run.random()` or `run.uuid()` added': {
    before: turns('a', 'go'),
    after: async (run) => {
      run.random();
      await turns('a', 'go')(run, {});
    },
  },
  'a call added under `patched`, before': {
    before: turns('a', 'go'),
    after: async (run) => {
      if (run.patched('new')) await step(run, 'new');
      await turns('a', 'go')(run, {});
    },
  },
  'a call added under `patched`, behind': {
    before: turns('a', 'go'),
    after: async (run) => {
      await turns('a', 'go')(run, {});
      if (run.patched('new')) await step(run, 'new');
    },
  },
  '`patched` removed and the new way kept; the run went the new way': {
    before: async (run) => {
      if (run.patched('new')) await step(run, 'new');
      await go(run);
    },
    after: turns('new', 'go'),
  },
  '`patched` removed and the new way kept; the run is from before': {
    before: turns('go'),
    after: turns('new', 'go'),
  },
  '`patched` removed and the old way kept; the run went the new way': {
    before: async (run) => {
      if (run.patched('new')) await step(run, 'new');
      await go(run);
    },
    after: turns('go'),
  },
  'one more at the same time, in an `all` before': { before: together('a', 'b'), after: together('a', 'b', 'c') },
  'the order in an `all`, before': { before: together('a', 'b'), after: together('b', 'a') },
  'an `all` within an `all`, the same calls in the same order': {
    before: together('a', 'b', 'c'),
    after: async (run) => {
      await run.all([() => step(run, 'a'), () => run.all([() => step(run, 'b'), () => step(run, 'c')])]);
      await go(run);
    },
  },
  'calls one after the other put into an `all`': { before: turns('a', 'b', 'go'), after: together('a', 'b') },
  'calls of an `all` put one after the other; they had ended in that order': {
    before: together('a', 'b'),
    after: turns('a', 'b', 'go'),
  },
  'calls of an `all` put one after the other; they had ended in another order': {
    before: together('late', 'b'),
    after: async (run) => {
      await run.sleep('1ms');
      await step(run, 'b');
      await go(run);
    },
  },
  'the order in a `race`, before': {
    before: async (run) => {
      await run.race([() => step(run, 'a'), () => run.sleep('1d')]);
      await go(run);
    },
    after: async (run) => {
      await run.race([() => run.sleep('1d'), () => step(run, 'a')]);
      await go(run);
    },
  },
  'a `race` become an `any`': {
    before: async (run) => {
      await run.race([() => step(run, 'a'), () => run.sleep('1d')]);
      await go(run);
    },
    after: async (run) => {
      await run.any([() => step(run, 'a'), () => run.sleep('1d')]);
      await go(run);
    },
  },
  'more rounds of a loop that is over': { before: turns('a', 'a', 'go'), after: turns('a', 'a', 'a', 'go') },
  'fewer rounds of a loop that is over': { before: turns('a', 'a', 'go'), after: turns('a', 'go') },
  'more rounds of a loop that it waits in': { before: turns('go', 'go'), after: turns('go', 'go', 'go') },
  'fewer rounds of a loop than it has made': { before: turns('go', 'go', 'go'), after: turns('go'), signals: ['go'] },
  'another child': {
    before: async (run) => {
      await run.child(child);
      await go(run);
    },
    after: async (run) => {
      await run.child(otherChild);
      await go(run);
    },
  },
  'a `try` around a call, or a call moved into a function': {
    before: turns('a', 'go'),
    after: async (run) => {
      const first = async (): Promise<unknown> => step(run, 'a');
      try {
        await first();
      } finally {
        await go(run);
      }
    },
  },
  'a return before its last call': {
    before: turns('a', 'b', 'go'),
    after: async (run) => {
      await step(run, 'a');
      return 'early';
    },
  },
  'a timer, a file or a network awaited between calls': {
    before: turns('a', 'go'),
    after: async (run) => {
      await step(run, 'a');
      await new Promise((resolve) => setTimeout(resolve, 1));
      await go(run);
    },
  },
  'a step become a transaction of the same name': {
    before: turns('a', 'go'),
    after: async (run) => {
      await run.transaction('a', () => 'a');
      await go(run);
    },
  },
  'a piece more in a stream': {
    before: turns('a', 'go'),
    after: async (run) => {
      run.emit('words', 'more');
      await turns('a', 'go')(run, {});
    },
  },
  'an update it takes, added': {
    before: turns('a', 'go'),
    after: async (run) => {
      run.update('add', () => 'added');
      await turns('a', 'go')(run, {});
    },
  },
  'an update it has answered, not taken any more': {
    before: async (run) => {
      run.update('add', () => 'added');
      await turns('a', 'go')(run, {});
    },
    after: turns('a', 'go'),
    updates: ['add'],
  },
  'a call renamed in the handler of an update it has answered': {
    before: async (run) => {
      run.update('add', () => step(run, 'added'));
      await turns('a', 'go')(run, {});
    },
    after: async (run) => {
      run.update('add', () => step(run, 'put in'));
      await turns('a', 'go')(run, {});
    },
    updates: ['add'],
  },
  'anything before it began anew': {
    before: async (run, { round = 0 }) => {
      if (round === 0) {
        await step(run, 'a');
        await run.continueAsNew({ round: 1 });
      }
      await turns('b', 'go')(run, {});
    },
    after: async (run, { round = 0 }) => {
      if (round === 0) {
        await step(run, 'z');
        await run.continueAsNew({ round: 1 });
      }
      await turns('b', 'go')(run, {});
    },
  },
  'a call before the wait, after it began anew': {
    before: async (run, { round = 0 }) => {
      if (round === 0) await run.continueAsNew({ round: 1 });
      await turns('b', 'go')(run, {});
    },
    after: async (run, { round = 0 }) => {
      if (round === 0) await run.continueAsNew({ round: 1 });
      await turns('z', 'go')(run, {});
    },
  },
};
