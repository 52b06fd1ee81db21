import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../../host/index.ts';
import { markOf, provesLeftover } from './attempt-mark.ts';

const store = '/data/pawl.db:1:2';
const attempt = { idempotencyKey: 'r/0.1', attempt: 3, store };
const { hostname, start } = processIdentity();
/** A process of this machine that has ended: no pid is that high. */
const dead = `4194999 ${start} ${hostname}`;

const environment = (key: string, engine: string): string =>
  ['A=b', `PAWL_ATTEMPT_KEY=${key}`, `PAWL_ENGINE=${engine}`, ''].join('\0');

describe.runIf(process.platform === 'linux')('given the environment of a process', () => {
  it.each([
    [`r/0.1#2@${store}`, dead],
    [`r/0.1#1@${store}`, dead],
  ])('when it carries an earlier attempt of the task, whose engine is dead, then that is proven: %s', (key, engine) => {
    expect(provesLeftover(environment(key, engine), attempt)).toBe(true);
  });

  it.each([
    ['this attempt', `r/0.1#3@${store}`, dead],
    ['a later attempt', `r/0.1#4@${store}`, dead],
    ['another item', `r/0.11#1@${store}`, dead],
    ['another task', `r/1#1@${store}`, dead],
    ['another run', `q/0.1#1@${store}`, dead],
    ['another store', 'r/0.1#1@/data/pawl.db:1:3', dead],
    ['a store whose name ends alike', `r/0.1#1@/other${store}`, dead],
    ['no number', `r/0.1#x@${store}`, dead],
    ['an engine that lives', `r/0.1#1@${store}`, `${process.pid} ${start} ${hostname}`],
    ['an engine of another machine', `r/0.1#1@${store}`, `4194999 ${start} elsewhere`],
    ['an engine of which nothing is known', `r/0.1#1@${store}`, ''],
  ])('when it carries %s, then nothing is proven', (_, key, engine) => {
    expect(provesLeftover(environment(key, engine), attempt)).toBe(false);
  });

  it('when it carries nothing, or the store has no name, then nothing is proven', () => {
    expect(provesLeftover('A=b\0', attempt)).toBe(false);
    expect(provesLeftover(environment('r/0.1#1@undefined', dead), { ...attempt, store: undefined })).toBe(false);
    expect(markOf({ ...attempt, store: undefined })).toEqual({});
  });
});
