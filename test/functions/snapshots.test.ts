/** The state of a function's run, folded from its history, is the one that a snapshot holds and a replay finds. */

import { afterEach, describe, expect, it } from 'vitest';
import { ActionError, type Pawl, workflow } from '../../src/index.ts';
import { evolve, freezeRun, functionProgram, newRun, nextDue, type RunState, thawRun } from '../../src/kernel/index.ts';
import { FunctionWorld, until } from './world.ts';

const program = functionProgram();
/** Without the names of what the kernel does by itself: it needs none, and what is read from a store has them. */
const plain = ({ timers: _timers, errors, open, ...state }: RunState) => ({
  ...state,
  open: [...open.values()].map(({ spec, ...task }) => ({
    ...task,
    spec: spec.kind === 'action' ? spec : { ...spec, action: undefined },
  })),
  errors: [...errors.list],
});

async function foldOf(pawl: Pawl, id: string): Promise<RunState> {
  const state = newRun(id as RunState['id']);
  for (const event of await pawl.handle(id).history()) {
    evolve(state, event, program);
    const thawed = thawRun(state.id, freezeRun(state, program), program);
    expect(plain(thawed)).toEqual(plain(state));
    expect(nextDue(thawed)).toBe(nextDue(state));
  }
  return state;
}

describe('given a run with all that a function may do', () => {
  let world = new FunctionWorld('sqlite');
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld('sqlite');
  });

  it('when its history is folded, then each state is what a snapshot of it holds, and the last what the engine has', async () => {
    const child = workflow('child', (run) => run.signal('never'));
    let tries = 0;
    const busy = workflow('busy', async (run, { n }: { n: number }) => {
      run.update('named', (input) => input);
      run.setAttributes({ n, at: 'somewhere' });
      if (run.patched('new')) await run.step('patched', () => 1);
      await run.step('fails', () => Promise.reject(new Error('no')), { retry: { count: 1 } }).catch(() => {});
      await run.transaction('sql', () => 1);
      if (n === 1) return run.continueAsNew({ n: 2 });
      void run.child(child, {}, { timeout: '1h' });
      void run.child(child, {}, { onParentClose: 'abandon' });
      void run.callback('bank', { timeout: '2h' }).result;
      void run.ask('person', { what: 1 });
      void run.step('asks', () => Promise.reject(new Error('no')), { intervention: true }).catch(() => {});
      void run
        .step('unknown', () => Promise.reject(new ActionError('?', { kind: 'outcome_unknown' })), {
          effect: 'once',
          verify: () => Promise.reject(new Error('who knows')),
          deadline: '1h',
        })
        .catch(() => {});
      void run.step(
        'hands over',
        ({ heartbeat, handOver }) => {
          heartbeat({ at: 1 });
          return handOver();
        },
        { timeout: '3h', heartbeat: '1h', startTimeout: '1h' },
      );
      void run
        .step(
          'later',
          () => {
            tries += 1;
            throw new Error('again');
          },
          { retry: { count: Number.POSITIVE_INFINITY, delay: '1h', factor: 2, maxDelay: '2h', jitter: 0.5 } },
        )
        .catch(() => {});
      await run.signal('end');
      return 'ended';
    });
    const pawl = await world.open([busy, child]);
    const handle = await pawl.start(busy, { n: 1 }, { id: 'r', attributes: { given: true } });
    await until(() => tries === 1);
    await handle.update('named', 5, 'u');
    await handle.signal('other', 1, 'once');
    await until(
      async () => [...(await handle.state()).open.values()].filter(({ asked }) => asked !== undefined).length === 2,
    );
    await handle.pause();
    await handle.resume();
    expect(plain(await foldOf(pawl, 'r'))).toEqual(plain(await handle.state()));
    const again = await world.reopen([busy, child]);
    const { parent: _parent, ...loaded } = plain(await again.handle('r').state());
    const { parent: _other, ...folded } = plain(await foldOf(again, 'r'));
    expect(loaded).toEqual(folded);
    await again.handle('r').signal('end');
    expect((await again.handle('r').result()).output).toBe('ended');
    expect((await foldOf(again, 'r')).status).toBe('succeeded');
    await again.handle('r').rerun(['0']);
    // The signal that ended it is there again.
    await again.handle('r').result();
    await foldOf(again, 'r');
  });
});
