/** How long ended runs stay in a file, as a person says it. */

import { PawlError, parseDuration } from './base/index.ts';
import type { RetentionPeriods } from './engine/index.ts';

/** Seconds, or text such as `90m`, `12h`, `30d`; or for good. */
export type RetentionPeriod = number | string | 'forever';

/**
 * How long runs stay after they ended; default 30 days for all. Ids are free again, and histories, outputs and logs gone, once
 * a run is removed. A run's sub-workflows go with it, and not before.
 */
export type RetentionOption =
  | 'forever'
  | {
      /** For all that is not named below. Default `30d`. */
      readonly after?: RetentionPeriod;
      readonly succeeded?: RetentionPeriod;
      readonly failed?: RetentionPeriod;
      readonly canceled?: RetentionPeriod;
      readonly terminated?: RetentionPeriod;
    };

const defaultPeriod = '30d';
const statuses = ['succeeded', 'failed', 'canceled', 'terminated'] as const;

/**
 * The periods in milliseconds; none for runs that stay for good.
 *
 * @throws PawlError `bad_input`
 */
export function retentionPeriods(option: RetentionOption = {}): RetentionPeriods {
  if (option === 'forever') return {};
  if (typeof option !== 'object' || option === null)
    throw new PawlError('bad_input', `retention is ${JSON.stringify(option)}; write 'forever', or { after: '30d' }`);
  for (const name of Object.keys(option)) {
    if (name === 'after' || statuses.some((status) => status === name)) continue;
    throw new PawlError('bad_input', `retention has no "${name}"; it has after, ${statuses.join(', ')}`);
  }
  const periods: { [status in (typeof statuses)[number]]?: number } = {};
  for (const status of statuses) {
    const period = option[status] ?? option.after ?? defaultPeriod;
    if (period !== 'forever') periods[status] = periodMs(period, option[status] === undefined ? 'after' : status);
  }
  return periods;
}

function periodMs(period: number | string, name: string): number {
  const ms = parseDuration(period);
  if (ms !== undefined) return ms;
  const message = `retention.${name} is ${JSON.stringify(period)}; write seconds, text such as 90m, 12h, 30d, or 'forever'`;
  throw new PawlError('bad_input', message);
}
