/** Runs of random documents, recorded from Orquesta 1.6.0: the kernel gives the same, or differs by a named rule. */

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runConductCases } from './conduct.ts';

const folder = fileURLToPath(new URL('./cases/conduct', import.meta.url));

describe('given runs that were recorded from Orquesta', () => {
  const results = runConductCases(folder);

  it('when they are played, then each file is a case', () => {
    expect(results).toHaveLength(readdirSync(folder).length);
    expect(results.length).toBeGreaterThan(60);
  });

  it.each(results)('when it is $id, then every step and the end are as recorded', ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe('failed');
  });

  it('when they are counted, then few differ by a rule', () => {
    expect(results.filter(({ outcome }) => outcome === 'differs').length).toBeLessThan(results.length / 10);
  });
});
