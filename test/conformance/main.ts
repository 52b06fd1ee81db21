/**
 * Compares Pawl with recorded runs, inspections and expressions of Orquesta: `npm run conformance -- FOLDER`.
 *
 * Prints each case that fails, then the counts by kind, and last a line `N passed, N failed, N differ`. The profile `st2`
 * (functions StackStorm adds) counts apart. Exits with 1 where a core case fails or too many differ.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CaseResult, runConductCases } from './conduct.ts';
import { runExpressionCases } from './expressions.ts';
import { runInspectionCases } from './inspection.ts';

interface Counted {
  readonly id: string;
  readonly profile: string;
  readonly outcome: 'passed' | 'failed' | 'differs';
  readonly rule?: string | undefined;
  readonly detail?: string | undefined;
}

const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write(
    'usage: npm run conformance -- FOLDER   (a folder with conduct/, inspection.jsonl and expressions.json)\n',
  );
  process.exitCode = 2;
} else {
  process.exitCode = compare(folder);
}

function compare(where: string): number {
  const conduct = existsSync(join(where, 'conduct')) ? runConductCases(join(where, 'conduct')) : [];
  const inspection = existsSync(join(where, 'inspection.jsonl'))
    ? runInspectionCases(join(where, 'inspection.jsonl'))
    : [];
  const expressions = existsSync(join(where, 'expressions.json'))
    ? runExpressionCases(join(where, 'expressions.json'))
    : [];
  const kinds: [string, readonly Counted[], number | undefined][] = [
    ['conduct', conduct.filter((one: CaseResult) => !one.quirks), 0.015],
    ['conduct with quirks', conduct.filter((one: CaseResult) => one.quirks), 1],
    ['inspection', inspection.map((one) => ({ ...one, profile: one.profile ?? 'core' })), undefined],
    ['expressions', expressions, undefined],
  ];
  let good = true;
  // Inspections and expressions together: what may differ is one in a hundred.
  const others = { cases: 0, differs: 0 };
  const total = { passed: 0, failed: 0, differs: 0 };
  const lines: string[] = [];
  for (const [kind, all, differMost] of kinds) {
    for (const profile of ['core', 'st2']) {
      const cases = all.filter((one) => one.profile === profile);
      if (cases.length === 0) continue;
      const counts = { passed: 0, failed: 0, differs: 0 };
      for (const one of cases) {
        counts[one.outcome] += 1;
        if (profile === 'core') total[one.outcome] += 1;
        if (one.outcome === 'failed')
          print(
            `${profile === 'core' ? 'FAILED' : 'failed (st2)'} ${kind} ${one.id}\n    ${(one.detail ?? '').slice(0, 1_000)}`,
          );
      }
      if (profile === 'core') {
        if (counts.failed > 0 || counts.differs > (differMost ?? 1) * cases.length) good = false;
        if (differMost === undefined) {
          others.cases += cases.length;
          others.differs += counts.differs;
        }
      }
      lines.push(
        `${kind} (${profile}): ${counts.passed} passed, ${counts.failed} failed, ${counts.differs} differ${rulesOf(cases)}`,
      );
    }
  }
  if (others.differs > 0.01 * others.cases) good = false;
  for (const line of lines) print(line);
  print(`${total.passed} passed, ${total.failed} failed, ${total.differs} differ`);
  return good ? 0 : 1;
}

function rulesOf(cases: readonly Counted[]): string {
  const rules = new Map<string, number>();
  for (const one of cases)
    if (one.outcome === 'differs') rules.set(one.rule ?? '', (rules.get(one.rule ?? '') ?? 0) + 1);
  return rules.size === 0 ? '' : ` (${[...rules].map(([rule, count]) => `${rule}: ${count}`).join(', ')})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
