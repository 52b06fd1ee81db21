/** Makes the parts of a definition that flows and dependency graphs share: inputs, bindings, and what a task does. */

import { type Json, parseDuration } from '../base/index.ts';
import type { Template } from '../expression/index.ts';
import type { TaskDraft } from './draft.ts';
import type { Binding, InputDeclaration } from './flow.ts';
import { splitItems } from './items.ts';
import type { Templates } from './templates.ts';
import type { CacheSpec, CompensationSpec, FallbackSpec, RetrySpec, TaskWork, WithItems } from './work.ts';
import { jsonOf, memberOf, textOf, type YamlNode } from './yaml-node.ts';

/** The number of retries that `do: retry` gives a task. */
const retriesOfCommand = 3;
const whenCompleted = '<% completed() %>';

export class WorkBuilder {
  readonly #templates: Templates;

  constructor(templates: Templates) {
    this.#templates = templates;
  }

  inputs(node: YamlNode | undefined): InputDeclaration[] {
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item): InputDeclaration[] => {
      const name = textOf(item);
      return name === undefined ? this.bindings({ ...node, items: [item] }) : [{ name }];
    });
  }

  bindings(node: YamlNode | undefined): Binding[] {
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item) =>
      item.kind === 'map'
        ? item.entries.map(({ key, value }) => ({ name: key, value: this.#templates.of(value, jsonOf(value)) }))
        : [],
    );
  }

  /** What the task does, whatever leads to it. */
  work(task: TaskDraft): TaskWork {
    const member = (key: string): YamlNode | undefined => memberOf(task.node, key);
    return {
      name: task.name,
      ...present('action', task.action && this.#templates.of(task.action, task.action.value)),
      ...present('input', task.input && this.#templates.of(task.input, task.input.value)),
      ...present('with', this.#items(task.with)),
      ...present('delay', this.template(task.delay)),
      ...present('timeout', this.template(member('timeout'))),
      ...present('deadline', this.template(member('deadline'))),
      ...present('priority', numberOf(member('priority'))),
      ...present('retry', this.#retryOfTask(task)),
      ...present('fallback', this.#called(member('fallback'))),
      ...(booleanOf(member('intervention')) === true ? { intervention: true } : {}),
      ...present('compensate', this.#compensation(member('compensate'))),
      ...present('group', textOf(member('group'))),
      ...present('cache', this.#cache(member('cache'))),
    };
  }

  #items(node: YamlNode | undefined): WithItems | undefined {
    const items = memberOf(node, 'items');
    const text = textOf(items);
    if (!items || text === undefined) return undefined;
    const { keys, expression } = splitItems(text);
    return {
      ...present('keys', keys),
      items: this.#templates.of(items, expression),
      text: expression,
      ...present('concurrency', this.template(memberOf(node, 'concurrency'))),
    };
  }

  /** `do: retry` is no transition: it gives the task a retry, and the last one wins over `retry`. */
  #retryOfTask(task: TaskDraft): RetrySpec | undefined {
    const command = task.transitions.filter(({ targets }) => targets.some(({ name }) => name === 'retry')).at(-1);
    if (command) {
      const when = this.template(command.when) ?? this.#templates.of(command, whenCompleted);
      return { when, count: this.#templates.of(command.targets, retriesOfCommand), factor: 1, jitter: 0 };
    }
    return this.#retry(task.retry);
  }

  #retry(node: YamlNode | undefined): RetrySpec | undefined {
    const count = this.template(memberOf(node, 'count'));
    if (node?.kind !== 'map' || !count) return undefined;
    return {
      ...present('when', this.template(memberOf(node, 'when'))),
      count,
      ...present('delay', this.template(memberOf(node, 'delay'))),
      factor: numberOf(memberOf(node, 'factor')) ?? 1,
      ...present('maxDelayMs', durationOf(memberOf(node, 'max_delay'))),
      jitter: numberOf(memberOf(node, 'jitter')) ?? 0,
    };
  }

  /** An action by its name alone, or with its input. */
  #called(node: YamlNode | undefined): FallbackSpec | undefined {
    if (node === undefined) return undefined;
    if (node.kind !== 'map') return { action: this.#templates.of(node, jsonOf(node)) };
    const action = this.template(memberOf(node, 'action'));
    return action && { action, ...present('input', this.template(memberOf(node, 'input'))) };
  }

  #compensation(node: YamlNode | undefined): CompensationSpec | undefined {
    const called = this.#called(node);
    return (
      called && {
        ...called,
        ...present('retry', this.#retry(memberOf(node, 'retry'))),
        ...present('timeout', this.template(memberOf(node, 'timeout'))),
      }
    );
  }

  #cache(node: YamlNode | undefined): CacheSpec | undefined {
    if (node?.kind !== 'map') return undefined;
    const version = memberOf(node, 'version');
    return {
      ...present('key', this.template(memberOf(node, 'key'))),
      ...present('ttlMs', durationOf(memberOf(node, 'ttl'))),
      ...present('version', version && String(jsonOf(version))),
    };
  }

  template(node: YamlNode | undefined): Template | undefined {
    return node && this.#templates.of(node, jsonOf(node));
  }

  /** The template of a value that is no node of its own. */
  templateOf(owner: object, value: Json): Template {
    return this.#templates.of(owner, value);
  }
}

export function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

export function durationOf(node: YamlNode | undefined): number | undefined {
  const value: Json | undefined = node && jsonOf(node);
  return value === undefined ? undefined : parseDuration(value);
}

export function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

export function booleanOf(node: YamlNode | undefined): boolean | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : undefined;
}
