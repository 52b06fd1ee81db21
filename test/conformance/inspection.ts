/**
 * Compares our inspection with recorded inspections of Orquesta.
 *
 * A case is one line of JSON: `{id, definition_yaml, app_context, expected}`. Two findings are the same when category, path,
 * kind and what they are about agree; wording is not compared. Where a rule of src/definition/DIFFERENCES.md applies, decided
 * from the document alone, the recorded findings are first turned into what the rule predicts.
 */

import { readFileSync } from 'node:fs';
import { type Diagnostic, inspectFlow } from '../../src/definition/index.ts';
import { type ExpectedInspection, identity, predict } from './inspection-rules.ts';

export interface CaseOutcome {
  readonly id: string;
  readonly profile?: string;
  readonly outcome: 'passed' | 'failed' | 'differs';
  readonly detail?: string;
  readonly rule?: string;
}

export interface InspectionCase {
  readonly id: string;
  readonly profile?: string;
  readonly definition_yaml: string;
  readonly app_context: { readonly [name: string]: unknown } | null;
  readonly expected: ExpectedInspection;
}

/** Runs every case of a file with one case a line. */
export function runInspectionCases(file: string): CaseOutcome[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => runInspectionCase(JSON.parse(line) as InspectionCase));
}

export function runInspectionCase(one: InspectionCase): CaseOutcome {
  const head = { id: one.id, ...(one.profile === undefined ? {} : { profile: one.profile }) };
  const knownVariables = Object.keys(one.app_context ?? {});
  const { errors, warnings } = inspectFlow(one.definition_yaml, { knownVariables });
  const ours = identities(errors, warnings);
  if (!('errors' in one.expected)) {
    if (errors.length > 0) return { ...head, outcome: 'passed' };
  } else if (sameSets(expectedIdentities(one.expected.errors), ours)) {
    return { ...head, outcome: 'passed' };
  }
  const wanted = 'errors' in one.expected ? expectedIdentities(one.expected.errors) : undefined;
  const { rules, findings } = predict(one.definition_yaml, wanted, errors, warnings);
  const rule = rules.join(', ');
  if (rules.length > 0 && (findings === 'any' || sameSets(findings, ours)))
    return { ...head, outcome: 'differs', rule };
  const detail = wanted ? difference(wanted, ours) : `accepted, and expected ${JSON.stringify(one.expected)}`;
  return { ...head, outcome: 'failed', detail };
}

type ExpectedErrors = Extract<ExpectedInspection, { errors: unknown }>['errors'];

function expectedIdentities(errors: ExpectedErrors): Set<string> {
  const all = new Set<string>();
  for (const { spec_path, schema_path } of errors.syntax ?? []) all.add(identity('syntax', spec_path, schema_path));
  for (const { spec_path, message } of errors.semantics ?? [])
    all.add(identity('semantics', spec_path, ...kindOf(message)));
  for (const { spec_path, type, expression } of errors.expressions ?? []) {
    all.add(identity('expressions', spec_path, type, expression));
  }
  for (const { spec_path, type, expression, message } of errors.context ?? []) {
    all.add(identity('context', spec_path, type, expression, ...kindOf(message)));
  }
  return all;
}

/** The findings that Orquesta has a word for; of the warnings, the missing entry point is an error there. */
export function identities(errors: readonly Diagnostic[], warnings: readonly Diagnostic[]): Set<string> {
  const all = new Set<string>();
  for (const { category, code, specPath, schemaPath, expression, language, subject } of errors) {
    if (category === 'syntax') all.add(identity(category, specPath, schemaPath ?? code));
    else if (category === 'semantics') all.add(semanticIdentity(specPath, code, subject));
    else if (category === 'expressions') all.add(identity(category, specPath, language ?? null, expression));
    else if (category === 'context') all.add(identity(category, specPath, language, expression, code, subject));
    else all.add(identity(category, code));
  }
  for (const { code, specPath } of warnings) {
    if (code === 'no_entry_point') all.add(identity('warning', specPath, code, null));
  }
  return all;
}

const messages: readonly { readonly pattern: RegExp; readonly code: string }[] = [
  { pattern: /^The task name "([^"]*)" is reserved/, code: 'reserved_task_name' },
  { pattern: /^The task "(.*)" is not defined\.$/s, code: 'undefined_task' },
  { pattern: /^The join task "([^"]*)" is unreachable/, code: 'unreachable_join' },
  { pattern: /^Unable to identify any tasks/, code: 'no_entry_point' },
  { pattern: /^The action property is required/, code: 'items_without_action' },
  { pattern: /^Variable "([^"]*)" is referenced before assignment/, code: 'unset_variable' },
  { pattern: /^Variable "([^"]*)" that is prefixed/, code: 'private_variable' },
];

function kindOf(message: string): [string, string | null] {
  for (const { pattern, code } of messages) {
    const match = pattern.exec(message);
    if (match) return [code, match[1] ?? null];
  }
  return [message, null];
}

/** Orquesta's message on items without an action names no task; the path does. */
function semanticIdentity(specPath: string | null, code: string, subject: string | undefined): string {
  return identity('semantics', specPath, code, code === 'items_without_action' ? null : subject);
}

function sameSets(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((item) => right.has(item));
}

function difference(wanted: ReadonlySet<string>, ours: ReadonlySet<string>): string {
  const missing = [...wanted].filter((item) => !ours.has(item));
  const extra = [...ours].filter((item) => !wanted.has(item));
  return `missing: ${missing.join(' ')} · not expected: ${extra.join(' ')}`;
}
