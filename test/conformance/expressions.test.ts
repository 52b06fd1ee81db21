import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runExpressionCases } from './expressions.ts';

const folder = mkdtempSync(join(tmpdir(), 'expression-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What comes of one recorded case, written as Json text so that `2.0` stays what it is. */
function outcomeOf(text: string): { outcome: string; rule?: string } {
  const file = join(folder, 'cases.json');
  writeFileSync(file, `[${text}]`);
  const [first] = runExpressionCases(file);
  return { outcome: first?.outcome ?? 'none', ...(first?.rule === undefined ? {} : { rule: first.rule }) };
}

const common = '"id": "x", "profile": "core", "group": "g"';

describe('given a recorded case', () => {
  it('when value and type agree, then it passes', () => {
    expect(
      outcomeOf(
        `{${common}, "text": "<% ctx(l).select($ + 1) %>", "context": {"l": [1]}, "value": [2], "type": "list", "referenced_variables": ["l"]}`,
      ),
    ).toEqual({ outcome: 'passed' });
  });

  it('when an error of the same cause is recorded, then it passes', () => {
    expect(
      outcomeOf(
        `{${common}, "text": "<% ctx(x) %>", "context": {}, "error": "…", "error_class": "YaqlEvaluationException", "cause": "VariableUndefinedError"}`,
      ),
    ).toEqual({ outcome: 'passed' });
  });

  it('when the type, the faults or the variables disagree, then it fails', () => {
    expect(outcomeOf(`{${common}, "text": "<% 4 / 2 %>", "context": {}, "value": 2.0, "type": "float"}`)).toEqual({
      outcome: 'failed',
    });
    expect(
      outcomeOf(
        `{${common}, "text": "<% 1 %>", "context": {}, "value": 1, "type": "int", "validation_errors": [{"type": "yaql", "expression": "<% 1 %>"}]}`,
      ),
    ).toEqual({ outcome: 'failed' });
    expect(
      outcomeOf(
        `{${common}, "text": "<% 1 %>", "context": {}, "value": 1, "type": "int", "referenced_variables": ["x"]}`,
      ),
    ).toEqual({ outcome: 'failed' });
  });

  it('when the result was evaluated again, then it differs by the rule for that', () => {
    expect(
      outcomeOf(`{${common}, "text": "<% ctx(t) %>", "context": {"t": "<% 1 + 1 %>"}, "value": 2, "type": "int"}`),
    ).toEqual({ outcome: 'differs', rule: 'results-are-data' });
    expect(
      outcomeOf(`{${common}, "text": "<% ctx(t) %>", "context": {"t": "<% 1 + 1 %>"}, "value": 3, "type": "int"}`),
    ).toEqual({ outcome: 'failed' });
  });

  it('when the data holds a whole float, then it differs by the rule for that', () => {
    expect(
      outcomeOf(`{${common}, "text": "x<% ctx(f) %>", "context": {"f": 2.0}, "value": "x2.0", "type": "str"}`),
    ).toEqual({ outcome: 'differs', rule: 'whole-floats-in-data' });
  });

  it('when the result is no data, then it differs by the rule for that', () => {
    expect(
      outcomeOf(
        `{${common}, "text": "{{ ctx('s').upper }}", "context": {"s": "x"}, "value": {"$python": "builtin_function_or_method"}, "type": "builtin_function_or_method"}`,
      ),
    ).toEqual({ outcome: 'differs', rule: 'only-data-leaves' });
  });
});
