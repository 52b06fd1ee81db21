import type { Instant } from '../base/index.ts';
import type { StoredResult } from './store.ts';

/** The result, where it is there and has not run out. */
export function usableResult(result: StoredResult | undefined, at: Instant): StoredResult | undefined {
  return result?.expiresAt !== undefined && at >= result.expiresAt ? undefined : result;
}
