/**
 * The JSON Schema that the package publishes for editors, made from the table of the language.
 *
 * It is the table with three changes: `with` may be text, task names are held to their form, and what a value must be
 * stands as its description where the table has no other.
 */

import type { Json, JsonObject } from '../base/index.ts';
import { commands, itemsPattern, namePattern, type Rule, workflowRule } from './language.ts';

/** The schema as JSON, draft 7. Kept in `schema/flow.schema.json`. */
export function languageSchema(): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Pawl flow',
    description: 'A workflow as a graph of tasks and transitions, version 1.0.',
    ...published(workflowRule, 'workflow'),
  };
}

function published(rule: Rule, name: string): JsonObject {
  const { title, description, textKeys: _, properties, patternProperties, items, oneOf, anyOf, ...plain } = rule;
  const own: JsonObject = {
    ...plain,
    ...((description ?? title) ? { description: (description ?? title)! } : {}),
    ...(properties ? { properties: publishedMembers(properties) } : {}),
    ...(items ? { items: published(items, 'item') } : {}),
    ...(oneOf ? { oneOf: oneOf.map((alternative) => published(alternative, name)) } : {}),
    ...(anyOf && !rule.enum ? { anyOf: anyOf.map((alternative) => published(alternative, name)) } : {}),
    ...namesOfTasks(patternProperties),
  };
  return name === 'with' ? withOrText(own) : own;
}

function publishedMembers(properties: { readonly [key: string]: Rule }): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([key, rule]): [string, Json] => [key, published(rule, key)]),
  );
}

function namesOfTasks(patterns: { readonly [pattern: string]: Rule } | undefined): JsonObject {
  const task = patterns?.[namePattern];
  if (!task) return {};
  return {
    propertyNames: { pattern: '^[\\p{L}\\p{N}_]+$', not: { enum: commands } },
    additionalProperties: published(task, 'task'),
  };
}

function withOrText(map: JsonObject): JsonObject {
  const { description, ...shape } = map;
  return { description: description!, oneOf: [{ type: 'string', pattern: itemsPattern }, shape] };
}
