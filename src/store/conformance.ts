/**
 * The promises of `Store` as cases that any implementation can be put through. Free of any test runner: a case is a name
 * and a function that throws an `AssertionError`.
 *
 * ```ts
 * for (const { name, run } of storeConformance(makeMyStore)) test(name, run);
 * ```
 */

import type { ConformanceCase, StoreUnderTest } from './conformance/arrange.ts';
import { attributeCases } from './conformance/attribute-cases.ts';
import { commitCases } from './conformance/commit-cases.ts';
import { logCases } from './conformance/log-cases.ts';
import { readCases } from './conformance/read-cases.ts';
import { sizeCases } from './conformance/size-cases.ts';
import { sweepCases } from './conformance/sweep-cases.ts';
import { transactCases } from './conformance/transact-cases.ts';

export { conformanceLogLimitBytes, type StoreUnderTest } from './conformance/arrange.ts';

const cases: readonly ConformanceCase[] = [
  ...commitCases,
  ...readCases,
  ...logCases,
  ...sizeCases,
  ...sweepCases,
  ...attributeCases,
  ...transactCases,
];

/**
 * The cases for one implementation.
 *
 * @param make Gives an empty store for each case, opened with `conformanceLogLimitBytes` as its limit for logs.
 */
export function storeConformance(
  make: () => Promise<StoreUnderTest>,
): readonly { readonly name: string; run(): Promise<void> }[] {
  return cases.map((conformanceCase) => ({
    name: conformanceCase.name,
    async run() {
      const subject = await make();
      try {
        await conformanceCase.run(subject);
      } finally {
        await subject.store.close();
        await subject.dispose?.();
      }
    },
  }));
}
