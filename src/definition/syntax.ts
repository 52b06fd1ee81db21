/**
 * Holds a document against the table of the language.
 *
 * Works as a JSON Schema (draft 4) validator does, rule by rule, so that every broken rule is found and has the path that
 * Orquesta's own inspection gives it: a rule of several alternatives is one finding, whatever is wrong with each of them.
 * Unlike there, each unknown key is a finding of its own, at the key.
 */

import { canonicalJson, type Json } from '../base/index.ts';
import { type JsonType, namePattern, type Rule, workflowRule } from './language.ts';
import { didYouMean } from './suggestion.ts';
import { jsonOf, kindOf, type YamlEntry, type YamlMap, type YamlNode } from './yaml-node.ts';

/** A finding before its offset is turned into a position. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly specPath: string | null;
  readonly schemaPath?: string;
  readonly expression?: string;
  readonly language?: string | null;
  readonly subject?: string;
}

/** Where a check stands: in the document, and in the table. */
interface Place {
  readonly spec: string;
  readonly schema: string;
}

/** Every way in which `root` breaks the table of the language. */
export function checkSyntax(root: YamlNode): Finding[] {
  const findings: Finding[] = [];
  check(root, workflowRule, { spec: '', schema: '' }, findings);
  return findings;
}

function check(node: YamlNode, rule: Rule, place: Place, findings: Finding[]): void {
  const report = (keyword: string, code: string, message: string, offset = node.start) => {
    const schemaPath = under(place.schema, keyword);
    findings.push({ code, message, offset, specPath: place.spec === '' ? null : place.spec, schemaPath });
  };
  const wanted = rule.title ?? 'another value';
  const name = nameOf(place.spec);

  if (rule.type && !hasType(node, rule.type)) {
    report('type', 'wrong_type', `${name} is ${kindOf(node)}, and must be ${wanted}.`);
  }
  if (rule.enum && !rule.enum.some((value) => isSame(node, value))) {
    report('enum', 'wrong_value', `${name} is ${shown(node)}, and must be ${wanted}.`);
  }
  if (rule.anyOf && !rule.anyOf.some((alternative) => fits(node, alternative))) {
    report('anyOf', 'wrong_type', `${name} is ${kindOf(node)}, and must be ${wanted}.`);
  }
  if (rule.oneOf && rule.oneOf.filter((alternative) => fits(node, alternative)).length !== 1) {
    const nearest = faultOfNearest(node, rule, rule.oneOf, place.spec);
    if (nearest) report('oneOf', nearest.code, nearest.message, nearest.offset);
    else report('oneOf', 'wrong_value', `${name} is ${shown(node)}, and must be ${wanted}.`);
  }
  if (node.kind === 'scalar') checkScalar(node.value, rule, name, wanted, shown(node), report);
  if (node.kind === 'list') checkList(node.items, rule, place, name, findings, report);
  if (node.kind === 'map') checkMap(node, rule, place, name, findings, report);
}

type Report = (keyword: string, code: string, message: string, offset?: number) => void;

function checkScalar(
  value: null | boolean | number | string,
  rule: Rule,
  name: string,
  wanted: string,
  shownValue: string,
  report: Report,
): void {
  if (typeof value === 'string') {
    if (rule.minLength !== undefined && value.length < rule.minLength) {
      report('minLength', 'empty_text', `${name} is empty, and must be ${wanted}.`);
    }
    if (rule.pattern !== undefined && !compiled(rule.pattern).test(value)) {
      report('pattern', 'wrong_form', `${name} is ${shownValue}, and must be ${wanted}.`);
    }
  }
  if (typeof value === 'number') {
    if (rule.minimum !== undefined && value < rule.minimum) {
      report('minimum', 'number_out_of_range', `${name} is ${value}, and must be ${wanted}.`);
    }
    if (rule.maximum !== undefined && value > rule.maximum) {
      report('maximum', 'number_out_of_range', `${name} is ${value}, and must be ${wanted}.`);
    }
  }
}

function checkList(
  items: readonly YamlNode[],
  rule: Rule,
  place: Place,
  name: string,
  findings: Finding[],
  report: Report,
): void {
  if (rule.minItems !== undefined && items.length < rule.minItems) {
    report('minItems', 'empty_list', `${name} is an empty list: add an item, or remove the key.`);
  }
  if (rule.uniqueItems) {
    const twin = firstTwin(items);
    if (twin)
      report('uniqueItems', 'repeated_item', `${name} has the item ${shown(twin)} twice: remove one.`, twin.start);
  }
  if (!rule.items) return;
  for (const [index, item] of items.entries()) {
    check(item, rule.items, { spec: `${place.spec}[${index}]`, schema: under(place.schema, 'items') }, findings);
  }
}

function checkMap(map: YamlMap, rule: Rule, place: Place, name: string, findings: Finding[], report: Report): void {
  const { entries } = map;
  for (const key of rule.required ?? []) {
    if (entries.some((entry) => entry.key === key)) continue;
    report('required', 'missing_key', `${name} has no "${key}": add it.${didYouMean(key, unknownKeys(entries, rule))}`);
  }
  if (rule.minProperties !== undefined && entries.length < rule.minProperties) {
    report('minProperties', 'empty_map', `${name} is an empty map, and must be ${rule.title ?? 'a map with a key'}.`);
  }
  if (rule.maxProperties !== undefined && entries.length > rule.maxProperties) {
    const second = entries[rule.maxProperties]!;
    const message = `${name} has ${entries.length} keys, and must be ${rule.title}: put "- " before "${second.key}".`;
    report('maxProperties', 'several_keys', message, second.keyNode.start);
  }
  const known = rule.properties ?? {};
  for (const entry of entries) {
    const member = Object.hasOwn(known, entry.key) ? known[entry.key] : undefined;
    if (member) {
      const specPath = place.spec === '' ? entry.key : `${place.spec}.${entry.key}`;
      check(entry.value, member, { spec: specPath, schema: under(place.schema, `properties.${entry.key}`) }, findings);
    } else if (rule.additionalProperties === false) {
      report('additionalProperties', 'unknown_key', unknownKeyMessage(entry, name, known), entry.keyNode.start);
    }
  }
  if (rule.textKeys) checkKeys(entries, name, report);
  const task = rule.patternProperties?.[namePattern];
  if (task) checkTasks(entries, task, place, findings);
}

function checkKeys(entries: readonly YamlEntry[], name: string, report: Report): void {
  for (const { key, keyNode } of entries) {
    if (typeof keyNode.value === 'string') continue;
    const message = `${name} has a key that is read as ${kindOf(keyNode)} (${key}): write it in quotes.`;
    report('propertyNames', 'key_not_text', message, keyNode.start);
  }
}

function checkTasks(entries: readonly YamlEntry[], rule: Rule, place: Place, findings: Finding[]): void {
  const schema = under(place.schema, `patternProperties.${namePattern}`);
  for (const entry of entries) {
    const spec = `${place.spec}.${entry.key}`;
    if (typeof entry.keyNode.value !== 'string') {
      const message = `The task name ${entry.key} is read as ${kindOf(entry.keyNode)}: write "${entry.key}" in quotes, or choose another name.`;
      findings.push({
        code: 'task_name_not_text',
        message,
        offset: entry.keyNode.start,
        specPath: spec,
        subject: entry.key,
      });
    } else if (!isName(entry.key)) {
      const message = `The task name "${entry.key}" may hold letters, digits and underscores only: write "${nameFrom(entry.key)}".`;
      findings.push({
        code: 'task_name_malformed',
        message,
        offset: entry.keyNode.start,
        specPath: spec,
        subject: entry.key,
      });
      continue;
    }
    check(entry.value, rule, { spec, schema }, findings);
  }
}

/** True for names of tasks and variables: letters, digits and underscores, of any script. */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}_]+$/u.test(text);
}

function nameFrom(text: string): string {
  const name = text.replace(/[^\p{L}\p{N}_]+/gu, '_');
  return /[\p{L}\p{N}]/u.test(name) ? name : 'task_1';
}

/** Whether the node keeps the rule; as `check`, without the findings. */
function fits(node: YamlNode, rule: Rule): boolean {
  const findings: Finding[] = [];
  check(node, rule, { spec: '', schema: '' }, findings);
  return findings.length === 0;
}

/** What is wrong with the node as the one alternative of its type; undefined where no or several alternatives have it. */
function faultOfNearest(node: YamlNode, rule: Rule, alternatives: readonly Rule[], spec: string): Finding | undefined {
  const [nearest, ...others] = alternatives.filter(({ type }) => type && hasType(node, type));
  if (!nearest || others.length > 0) return undefined;
  const findings: Finding[] = [];
  const title = nearest.title ?? rule.title;
  check(node, title === undefined ? nearest : { ...nearest, title }, { spec, schema: '' }, findings);
  return findings[0];
}

function hasType(node: YamlNode, type: JsonType): boolean {
  if (node.kind === 'list') return type === 'array';
  if (node.kind === 'map') return type === 'object';
  const { value } = node;
  if (value === null) return type === 'null';
  if (typeof value === 'number') return type === 'number' || (type === 'integer' && !node.isFloat);
  return type === typeof value;
}

function isSame(node: YamlNode, value: Json): boolean {
  return node.kind === 'scalar' && node.value === value;
}

function firstTwin(items: readonly YamlNode[]): YamlNode | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    const text = canonicalJson(jsonOf(item));
    if (seen.has(text)) return item;
    seen.add(text);
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (!regex) {
    regex = new RegExp(pattern, 'u');
    patterns.set(pattern, regex);
  }
  return regex;
}

function under(path: string, step: string): string {
  return path === '' ? step : `${path}.${step}`;
}

function nameOf(specPath: string): string {
  return specPath === '' ? 'The document' : `"${specPath}"`;
}

function shown(node: YamlNode): string {
  if (node.kind !== 'scalar') return kindOf(node);
  if (typeof node.value !== 'string') return node.value === null ? 'nothing' : String(node.value);
  const line = node.value.replace(/\s+/g, ' ');
  return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`;
}

function unknownKeys(entries: readonly YamlEntry[], rule: Rule): string[] {
  return entries.map((entry) => entry.key).filter((key) => !Object.hasOwn(rule.properties ?? {}, key));
}

/** Names from other workflow languages, and where their meaning lives here. */
const elsewhere = new Map([
  ['on-success', 'write "next" with "when: <% succeeded() %>"'],
  ['on-error', 'write "next" with "when: <% failed() %>"'],
  ['on-complete', 'write "next" without "when"'],
  ['with-items', 'write "with"'],
  ['concurrency', 'write it inside of "with", beside "items"'],
  ['on', 'write "when"'],
  ['if', 'write "when"'],
  ['needs', 'list this task in "do" of the tasks it waits for, and give it "join: all"'],
  ['depends_on', 'list this task in "do" of the tasks it waits for, and give it "join: all"'],
  ['steps', 'write "tasks"'],
  ['jobs', 'write "tasks"'],
  ['run', 'write "action"'],
  ['uses', 'write "action"'],
  ['then', 'write "next"'],
  ['goto', 'write "do"'],
]);

function unknownKeyMessage(entry: YamlEntry, name: string, known: { readonly [key: string]: Rule }): string {
  const near = didYouMean(entry.key, Object.keys(known));
  const other = elsewhere.get(entry.key);
  const keys = Object.keys(known).map((key) => `"${key}"`);
  const advice =
    near === ''
      ? other
        ? `: ${other}.`
        : `; it may have ${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}.`
      : `.${near}`;
  return `${name} has the unknown key "${entry.key}"${advice}`;
}
