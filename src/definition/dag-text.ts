/**
 * The text of a dependency graph that was defined in code: what a store keeps of it, and what its version is the hash of.
 *
 * Everything but the code stands in it. Read again without the code it still says which tasks there are and who waits for
 * whom, so that a run can be shown; it cannot go on.
 */

import { canonicalJson, fail, isJsonObject, type Json, type JsonObject, ok, type Result } from '../base/index.ts';
import { compile } from '../expression/index.ts';
import type { DagDefinition, DagTask, Need, Trigger } from './dag.ts';
import { type Computed, isComputed, type ValueSource } from './work.ts';

/** Begins every such text; no YAML document begins so and has tasks. */
const magic = '{"definition":';
const format = 1;

export function isDagText(text: string): boolean {
  return text.startsWith(magic);
}

/** The same text for the same definition, whatever the order in which its fields were written; a line for each task. */
export function dagText(name: string, definition: DagDefinition): string {
  const head = canonicalJson({ ...(written(definition) as JsonObject), format, name });
  // Task by task: a tree of all that a large definition holds would be many times the size of its text.
  const lines: string[] = [];
  for (const task of definition.tasks.values()) lines.push(canonicalJson(writtenTask(task)));
  return `${magic}${head},"tasks":[\n${lines.join(',\n')}\n]}`;
}

/** Most needs are blocking and most triggers the usual one: names alone are half the text. */
function writtenTask({ needs, trigger, ...task }: DagTask): Json {
  return {
    ...(written(task) as JsonObject),
    ...(trigger === 'all_succeeded' ? {} : { trigger }),
    needs: needs.map(({ task: name, kind }) => (kind === 'blocking' ? name : { preferred: name })),
  };
}

function readTask({ needs, trigger, ...fields }: JsonObject): DagTask {
  return {
    ...(membersOf(fields) as DagTask),
    trigger: (trigger as Trigger | undefined) ?? 'all_succeeded',
    needs: (needs as readonly (string | { readonly preferred: string })[]).map(
      (need): Need =>
        typeof need === 'string' ? { task: need, kind: 'blocking' } : { task: need.preferred, kind: 'preferred' },
    ),
  };
}

/** A definition, or part of one, as data: values as `{$value}`, code as `{$code}`, and a map that looks like one of them in a `{$map}`. */
function written(part: unknown): Json {
  if (part === null || typeof part !== 'object') return (part ?? null) as Json;
  if (part instanceof Map) return null;
  if (Array.isArray(part)) return part.map(written);
  if (isSource(part)) return isComputed(part) ? { $code: true } : { $value: part.source };
  const fields: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(part)) {
    if (value !== undefined && typeof value !== 'function' && !(value instanceof Map)) fields[name] = written(value);
  }
  const [only, second] = Object.keys(fields);
  return only?.startsWith('$') && second === undefined ? { $map: fields } : fields;
}

function isSource(part: object): part is ValueSource {
  return 'constant' in part && 'source' in part;
}

/** The name and the definition of a text that `dagText` wrote; its code is missing. */
export function readDagText(text: string): Result<{ name: string; definition: DagDefinition }, string> {
  const stored: unknown = JSON.parse(text);
  if (!isJsonObject(stored as Json)) return fail('it is no map');
  const { definition, tasks } = stored as { readonly definition: JsonObject; readonly tasks: readonly JsonObject[] };
  const { format: found, name, ...head } = definition;
  if (found !== format) return fail(`it has format ${JSON.stringify(found)}, and this version reads ${format}`);
  const all = new Map(tasks.map(readTask).map((task) => [task.name, task]));
  return ok({
    name: String(name),
    definition: { ...(membersOf(head) as DagDefinition), name: String(name), tasks: all },
  });
}

function revived(part: Json): unknown {
  if (part === null || typeof part !== 'object') return part;
  if (Array.isArray(part)) return part.map(revived);
  const fields = part as { readonly [name: string]: Json };
  const names = Object.keys(fields);
  if (names.length === 1) {
    if (names[0] === '$value') return compile(fields.$value ?? null);
    if (names[0] === '$code') return missingCode;
    if (names[0] === '$map') return membersOf(fields.$map as JsonObject);
  }
  return membersOf(fields);
}

function membersOf(fields: JsonObject): unknown {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, revived(value)]));
}

const missingCode: Computed = {
  compute: () => {
    throw new Error('the code of the workflow is not here');
  },
  source: null,
  constant: false,
};

/** A value that code gives. */
export function computed(compute: Computed['compute']): Computed {
  return { compute, source: null, constant: false };
}
