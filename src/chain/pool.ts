/** Several pieces of work, so many at once. */

import { isThenable } from './chunks.ts';
import type { Scope } from './scope.ts';

/**
 * Does `work` for 0 … count − 1, at most `width` of them at once, begun in that order. Gives their results in that order.
 *
 * The first failure stops `scope`, so that what is under way may stop too, begins nothing more, and is thrown. Work that gives
 * no promise is done without one.
 */
export async function pooled(
  count: number,
  width: number,
  scope: Scope,
  work: (index: number) => unknown,
): Promise<unknown[]> {
  const results = new Array<unknown>(count);
  let next = 0;
  const drain = async (): Promise<void> => {
    while (next < count) {
      scope.check();
      const index = next;
      next += 1;
      try {
        const given = work(index);
        results[index] = isThenable(given) ? await given : given;
      } catch (error) {
        if (!scope.isStopped) scope.abort(error);
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, drain));
  return results;
}
