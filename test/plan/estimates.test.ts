import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/base/index.ts';
import { estimatesFromDurations } from '../../src/definition/index.ts';
import { estimatesFromHistory } from '../../src/engine/index.ts';
import type { TaskView } from '../../src/kernel/index.ts';

describe('given durations that were seen', () => {
  it('when there are a hundred of a task, then each quantile is one of them', () => {
    const seen = Array.from({ length: 100 }, (_, at) => ({ task: 'a', durationMs: 100 - at }));

    expect(estimatesFromDurations(seen).get('a')).toEqual({ p50: 50, p90: 90, p99: 99, count: 100 });
  });

  it('when there is one, then it is every quantile', () => {
    expect(estimatesFromDurations([{ task: 'a', durationMs: 7 }]).get('a')).toEqual({
      p50: 7,
      p90: 7,
      p99: 7,
      count: 1,
    });
  });

  it('when there is none, then there are no estimates', () => {
    expect(estimatesFromDurations([]).size).toBe(0);
  });
});

describe('given views of earlier runs', () => {
  const view = (fields: Partial<TaskView>): TaskView => ({
    task: 0,
    name: 'a',
    route: 0,
    action: undefined,
    status: 'succeeded',
    attempts: 1,
    scheduledAt: instantOf(100),
    startedAt: instantOf(150),
    endedAt: instantOf(250),
    input: null,
    output: null,
    failure: undefined,
    dueAt: undefined,
    signal: undefined,
    asksForDecision: false,
    fellBack: false,
    reusedFrom: undefined,
    undoes: undefined,
    items: undefined,
    ...fields,
  });

  it('when a task succeeded, then it took from its first attempt to its end, waiting for a worker not counted', () => {
    expect(estimatesFromHistory([{ tasks: [view({})] }]).get('a')).toMatchObject({ p50: 100, count: 1 });
  });

  it('when a task was over without an attempt, then it took from when it was scheduled', () => {
    expect(estimatesFromHistory([{ tasks: [view({ startedAt: undefined })] }]).get('a')).toMatchObject({ p50: 150 });
  });

  it.each([
    ['failed', { status: 'failed' }],
    ['is under way', { status: 'running', endedAt: undefined }],
    ['took its result from another run', { reusedFrom: 'r' }],
    ['undoes another', { undoes: 3 }],
  ] as const)('when a task %s, then it does not count', (_what, fields) => {
    expect(estimatesFromHistory([{ tasks: [view(fields)] }]).size).toBe(0);
  });

  it('when a task ran in several runs and several times in one, then each counts', () => {
    const runs = [
      { tasks: [view({}), view({ endedAt: instantOf(160) })] },
      { tasks: [view({ endedAt: instantOf(350) })] },
    ];

    expect(estimatesFromHistory(runs).get('a')).toEqual({ p50: 100, p90: 200, p99: 200, count: 3 });
  });
});
