import { describe, expect, it } from 'vitest';
import type { Json } from '../base/index.ts';
import { toldHistory, toldStand, toldView } from './told-by-owner.ts';

const view = {
  id: 'r',
  workflow: 'w',
  version: 'v',
  status: 'running',
  input: {},
  attributes: {},
  output: null,
  errors: [{ kind: 'failed', message: 'no' }],
  startedAt: 1,
  epoch: 0,
  revision: 3,
  tasks: [
    {
      task: 0,
      name: 't',
      route: 0,
      status: 'running',
      attempts: 1,
      scheduledAt: 1,
      input: null,
      output: null,
      asksForDecision: false,
      fellBack: false,
    },
  ],
  iterations: {},
  signals: {},
  program: null,
};
const stand = { id: 'r', workflow: 'w', status: 'waiting', output: null, errors: [], startedAt: 1 };

describe('given what another process told of a run', () => {
  it('when it has the form that is shown here, then it is believed', () => {
    expect(toldView({ view })).toEqual(view);
    expect(toldStand({ stand })).toEqual(stand);
    expect(toldHistory({ events: [] })).toBeUndefined();
  });

  it.each<readonly [string, Json]>([
    ['nothing', null],
    ['text', 'r'],
    ['a list', []],
    ['no tasks', { ...view, tasks: {} }],
    ['a task without a name', { ...view, tasks: [{ ...view.tasks[0], name: 5 }] }],
    ['no time', { ...view, startedAt: 'today' }],
    ['an error that is none', { ...view, errors: ['no'] }],
  ])('when it is %s, then it is not believed', (_what, odd) => {
    expect(toldView({ view: odd })).toBeUndefined();
    expect(toldStand({ stand: odd === null ? null : { ...stand, errors: 'none' } })).toBeUndefined();
    expect(toldHistory({ events: [odd] })).toBeUndefined();
  });
});
