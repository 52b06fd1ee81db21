/**
 * The rules of src/definition/DIFFERENCES.md, each as a change to what Orquesta found: given the document, what we find
 * instead. A rule looks at the document and at nothing else of the case.
 */

import { parse } from 'yaml';
import type { Diagnostic } from '../../src/definition/index.ts';

export interface ExpectedFinding {
  readonly spec_path: string | null;
  readonly schema_path?: string;
  readonly message: string;
  readonly type?: string | null;
  readonly expression?: string;
}

export type ExpectedInspection =
  | { readonly errors: { readonly [category: string]: readonly ExpectedFinding[] } }
  | { readonly instantiate_error: string }
  | { readonly inspect_exception: string };

export interface Prediction {
  /** The rules that apply to the document. */
  readonly rules: readonly string[];
  /** What we should find; `any` where Orquesta ended in an exception, so that there is nothing to start from. */
  readonly findings: ReadonlySet<string> | 'any';
}

/** What one finding is about, as text that is equal for the same finding of both sides. */
export function identity(...parts: readonly unknown[]): string {
  return JSON.stringify(parts.map((part) => part ?? null));
}

const taskSchema = 'properties.tasks.patternProperties.^\\w+$';

/** `recorded` is undefined where Orquesta ended in an exception. */
export function predict(
  yaml: string,
  recorded: ReadonlySet<string> | undefined,
  errors: readonly Diagnostic[],
  warnings: readonly Diagnostic[],
): Prediction {
  const document = new ReadDocument(yaml);
  if (!recorded) {
    const rules: string[] = [];
    if (document.hasPythonName) rules.push('task-names');
    if (document.hasDate) rules.push('dates');
    if (document.hasBlankLineWithTab) rules.push('tabs');
    return { rules, findings: 'any' };
  }
  const findings = new Set(recorded);
  const rules: string[] = [];
  const apply = (rule: string, remove: readonly string[], add: readonly string[]) => {
    const removed = remove.filter((item) => findings.delete(item)).length;
    const added = add.filter((item) => !findings.has(item) && findings.add(item)).length;
    if (removed + added > 0 && !rules.includes(rule)) rules.push(rule);
  };

  if (warnings.some(({ code }) => code === 'no_entry_point')) {
    const ofOutput = [...findings].filter((item) => document.isPublishedInOutput(item));
    const missing = identity('semantics', 'tasks', 'no_entry_point', null);
    apply('entry-point', [missing, ...ofOutput], [identity('warning', 'tasks', 'no_entry_point', null)]);
    apply(
      'undefined-tasks',
      [],
      undefinedTasks(errors, () => true),
    );
  }
  const unreached = warnings.filter(({ code }) => code === 'task_never_reached').map(({ subject }) => subject);
  apply(
    'undefined-tasks',
    [],
    undefinedTasks(errors, (path) => unreached.some((name) => path.startsWith(`tasks.${name}.`))),
  );
  apply(
    'with-without-items',
    [],
    document.tasksWithoutItems.map((name) =>
      identity('syntax', `tasks.${name}.with`, `${taskSchema}.properties.with.required`),
    ),
  );
  if (document.hasDate)
    apply(
      'dates',
      [...findings].filter((item) => /patternProperties\.\^\\\\w\+\$\.anyOf"/.test(item)),
      [],
    );
  if (errors.some(({ code }) => code === 'number_not_exact'))
    apply('numbers', [], [identity('yaml', 'number_not_exact')]);
  for (const { place, schema } of document.additions) {
    apply('additions', [identity('syntax', place, `${schema}additionalProperties`)], []);
  }
  return { rules, findings };
}

function undefinedTasks(errors: readonly Diagnostic[], applies: (path: string) => boolean): string[] {
  return errors
    .filter(({ code, specPath }) => code === 'undefined_task' && applies(specPath ?? ''))
    .map(({ specPath, subject }) => identity('semantics', specPath, 'undefined_task', subject));
}

interface Plain {
  readonly tasks?: unknown;
  readonly with?: unknown;
  readonly retry?: unknown;
  readonly next?: unknown;
  readonly publish?: unknown;
  readonly [key: string]: unknown;
}

/** Names that Orquesta's object for the tasks has for itself, and calls while it inspects. */
const pythonNames =
  /^(?:keys|items|values|spec|get_(?:task|next_tasks|prev_tasks|start_tasks)|has_tasks?|is_(?:join|split)_task|in_cycle|detect_\w+|inspect_(?:context|semantics)|__(?:class|dict|weakref)__)$/;

class ReadDocument {
  readonly #text: string;
  readonly #root: Plain;
  readonly #tasks: readonly [string, Plain][];

  constructor(text: string) {
    this.#text = text;
    this.#root = mapOf(read(text));
    this.#tasks = Object.entries(mapOf(this.#root.tasks)).map(([name, task]) => [name, mapOf(task)]);
  }

  get hasPythonName(): boolean {
    return this.#tasks.some(([name]) => pythonNames.test(name));
  }

  get hasDate(): boolean {
    return /(?:^|[\s[{,])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/m.test(this.#text);
  }

  get hasBlankLineWithTab(): boolean {
    return /^ *\t\s*$/m.test(this.#text);
  }

  get tasksWithoutItems(): string[] {
    return this.#tasks
      .filter(([, task]) => isMap(task.with) && !Object.hasOwn(mapOf(task.with), 'items'))
      .map(([name]) => name);
  }

  /** Where keys of our own stand, and no other key that Orquesta does not know. */
  get additions(): { place: string | null; schema: string }[] {
    const known = {
      workflow: ['version', 'name', 'description', 'tags', 'input', 'vars', 'tasks', 'output'],
      task: ['delay', 'join', 'with', 'action', 'input', 'retry', 'next'],
      retry: ['when', 'count', 'delay'],
    };
    const ours = {
      workflow: ['match', 'limits'],
      task: ['timeout', 'priority', 'match'],
      retry: ['factor', 'max_delay', 'jitter'],
    };
    const onlyOurs = (map: Plain, kind: keyof typeof known) => {
      const extra = Object.keys(map).filter((key) => !known[kind].includes(key));
      return extra.length > 0 && extra.every((key) => ours[kind].includes(key));
    };
    const places: { place: string | null; schema: string }[] = [];
    if (onlyOurs(this.#root, 'workflow')) places.push({ place: null, schema: '' });
    for (const [name, task] of this.#tasks) {
      if (onlyOurs(task, 'task')) places.push({ place: `tasks.${name}`, schema: `${taskSchema}.` });
      if (onlyOurs(mapOf(task.retry), 'retry')) {
        places.push({ place: `tasks.${name}.retry`, schema: `${taskSchema}.properties.retry.` });
      }
    }
    return places;
  }

  /** True for the finding of a variable in `output` that some transition publishes. */
  isPublishedInOutput(finding: string): boolean {
    const [category, path, , , code, name] = JSON.parse(finding) as (string | null)[];
    if (category !== 'context' || code !== 'unset_variable' || !path?.startsWith('output')) return false;
    return this.#tasks.some(([, { next }]) =>
      listOf(next).some((one) => namesPublished(mapOf(one).publish).includes(name!)),
    );
  }
}

function namesPublished(publish: unknown): string[] {
  if (typeof publish === 'string') return [...publish.matchAll(/(\w+)=/g)].map((match) => match[1]!);
  return listOf(publish).flatMap((item) => (typeof item === 'string' ? [item] : Object.keys(mapOf(item))));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function read(text: string): unknown {
  try {
    return parse(text, { schema: 'core', uniqueKeys: false, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Plain {
  return isMap(value) ? value : {};
}
