/**
 * Every expression of a document, parsed: what does not parse is a finding at the expression's place.
 *
 * The property that holds the expression gives the path, however deep in it the expression stands, as Orquesta has it.
 */

import { type Json, ownProperty } from '../base/index.ts';
import type { TemplateFault } from '../expression/index.ts';
import type { TaskDraft, WorkflowDraft } from './draft.ts';
import { splitItems } from './items.ts';
import type { Finding } from './syntax.ts';
import type { Templates } from './templates.ts';
import { jsonOf, memberOf, offsetOfCharacter, textOf, type YamlNode } from './yaml-node.ts';

/** Findings of one document. */
const findingsMax = 10_000;

export function checkExpressions(draft: WorkflowDraft, templates: Templates, text: string): Finding[] {
  return new ExpressionCheck(templates, text).workflow(draft);
}

class ExpressionCheck {
  readonly #templates: Templates;
  readonly #text: string;
  readonly #findings: Finding[] = [];

  constructor(templates: Templates, text: string) {
    this.#templates = templates;
    this.#text = text;
  }

  workflow({ root, tasks }: WorkflowDraft): Finding[] {
    for (const key of ['vars', 'input', 'output']) this.#bindings(memberOf(root, key), key);
    for (const task of tasks) this.#task(task);
    return this.#findings;
  }

  #task(task: TaskDraft): void {
    const { specPath } = task;
    this.#node(task.delay, `${specPath}.delay`);
    this.#node(task.join, `${specPath}.join`);
    this.#items(task.with, `${specPath}.with`);
    for (const key of ['action', 'input'] as const) {
      const placed = task[key];
      if (placed) this.#value(placed, placed.value, placed.node, `${specPath}.${key}`);
    }
    for (const key of ['when', 'count', 'delay']) this.#node(memberOf(task.retry, key), `${specPath}.retry.${key}`);
    for (const key of ['timeout', 'deadline', 'fallback', 'when', 'expand'])
      this.#node(memberOf(task.node, key), `${specPath}.${key}`);
    this.#node(memberOf(memberOf(task.node, 'cache'), 'key'), `${specPath}.cache.key`);
    this.#compensation(memberOf(task.node, 'compensate'), `${specPath}.compensate`);
    for (const transition of task.transitions) {
      const path = transition.specPath;
      this.#node(transition.when, `${path}.when`);
      this.#node(transition.do, `${path}.do`);
      const { publish } = transition;
      if (publish?.node.kind === 'list') this.#bindings(publish.node, `${path}.publish`);
      for (const parameter of transition.parameters) {
        this.#value(parameter, parameter.value, publish!.node, `${path}.publish`);
      }
    }
  }

  #compensation(node: YamlNode | undefined, specPath: string): void {
    if (node?.kind !== 'map') {
      this.#node(node, specPath);
      return;
    }
    for (const key of ['action', 'input', 'timeout', 'retry']) this.#node(memberOf(node, key), `${specPath}.${key}`);
  }

  #items(node: YamlNode | undefined, specPath: string): void {
    if (node?.kind !== 'map') {
      this.#node(node, specPath);
      return;
    }
    const items = memberOf(node, 'items');
    const text = textOf(items);
    if (items && text !== undefined) this.#value(items, splitItems(text).expression, items, `${specPath}.items`);
    this.#node(memberOf(node, 'concurrency'), `${specPath}.concurrency`);
  }

  /** A list of one-key maps or names; each value is a template of its own. */
  #bindings(node: YamlNode | undefined, specPath: string): void {
    if (node?.kind !== 'list') {
      this.#node(node, specPath);
      return;
    }
    for (const item of node.items) {
      if (item.kind !== 'map') {
        this.#node(item, specPath);
        continue;
      }
      for (const { key, keyNode, value } of item.entries) {
        if (mayHoldExpression(key)) this.#value(keyNode, key, keyNode, specPath);
        this.#node(value, specPath);
      }
    }
  }

  #node(node: YamlNode | undefined, specPath: string): void {
    if (node) this.#value(node, jsonOf(node), node, specPath);
  }

  #value(owner: object, value: Json, node: YamlNode, specPath: string): void {
    for (const fault of this.#templates.of(owner, value).faults) {
      if (this.#findings.length >= findingsMax) return;
      this.#findings.push({
        code: fault.language === null ? 'mixed_languages' : 'broken_expression',
        message: fault.message,
        offset: this.#offsetOf(fault, value, node),
        specPath,
        expression: fault.expression,
        language: fault.language,
      });
    }
  }

  /** Where the fault stands in the document: exactly where its text stands there unchanged, else where the value begins. */
  #offsetOf(fault: TemplateFault, value: Json, node: YamlNode): number {
    const at = nodeAt(node, fault.path);
    const text = textAt(value, fault.path);
    const own = textOf(at);
    if (text?.includes(fault.expression) && own === text) return offsetOfCharacter(at, fault.offset);
    const found = this.#text.indexOf(fault.expression, node.start);
    return found !== -1 && found < node.end ? found : node.start;
  }
}

function mayHoldExpression(text: string): boolean {
  return text.includes('<%') || text.includes('{{') || text.includes('{%');
}

function nodeAt(node: YamlNode, path: readonly (string | number)[]): YamlNode {
  let at = node;
  for (const step of path) {
    const next = at.kind === 'list' ? at.items[Number(step)] : memberOf(at, String(step));
    if (!next) return at;
    at = next;
  }
  return at;
}

function textAt(value: Json, path: readonly (string | number)[]): string | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Array.isArray(at) ? at[Number(step)] : ownProperty(at as { readonly [key: string]: Json }, String(step));
    if (at === undefined) return undefined;
  }
  return typeof at === 'string' ? at : undefined;
}
