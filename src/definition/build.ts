/**
 * Makes the flow definition of a document that has no errors.
 *
 * Everything is checked before; where the document still has a shape that the checks let through and the flow has no word
 * for, the nearest lawful value is taken.
 */

import { type Json, parseDuration } from '../base/index.ts';
import type { TaskDraft, TransitionDraft, WorkflowDraft } from './draft.ts';
import type { Binding, FlowDefinition, FlowTask, FlowTransition, InputDeclaration, Match } from './flow.ts';
import { splitItems } from './items.ts';
import type { Templates } from './templates.ts';
import type { RetrySpec, WithItems } from './work.ts';
import { jsonOf, memberOf, textOf, type YamlNode } from './yaml-node.ts';

export function buildFlow(draft: WorkflowDraft, templates: Templates, hasEntryPoint: boolean): FlowDefinition {
  return new Builder(templates).flow(draft, hasEntryPoint);
}

/** The number of retries that `do: retry` gives a task. */
const retriesOfCommand = 3;
const whenCompleted = '<% completed() %>';

class Builder {
  readonly #templates: Templates;

  constructor(templates: Templates) {
    this.#templates = templates;
  }

  flow({ root, tasks }: WorkflowDraft, hasEntryPoint: boolean): FlowDefinition {
    const limits = memberOf(root, 'limits');
    const tags = memberOf(root, 'tags');
    return {
      style: 'flow',
      ...present('name', textOf(memberOf(root, 'name'))),
      ...present('description', textOf(memberOf(root, 'description'))),
      tags: tags?.kind === 'list' ? tags.items.map(jsonOf) : [],
      input: this.#inputs(memberOf(root, 'input')),
      vars: this.#bindings(memberOf(root, 'vars')),
      output: this.#bindings(memberOf(root, 'output')),
      match: matchOf(memberOf(root, 'match')) ?? 'all',
      limits: {
        ...present('durationMs', durationOf(memberOf(limits, 'duration'))),
        ...present('iterations', numberOf(memberOf(limits, 'iterations'))),
      },
      tasks: new Map(tasks.map((task) => [task.name, this.#task(task)])),
      hasEntryPoint,
    };
  }

  #inputs(node: YamlNode | undefined): InputDeclaration[] {
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item): InputDeclaration[] => {
      const name = textOf(item);
      return name === undefined ? this.#bindings({ ...node, items: [item] }) : [{ name }];
    });
  }

  #bindings(node: YamlNode | undefined): Binding[] {
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item) =>
      item.kind === 'map'
        ? item.entries.map(({ key, value }) => ({ name: key, value: this.#templates.of(value, jsonOf(value)) }))
        : [],
    );
  }

  #task(task: TaskDraft): FlowTask {
    const timeout = memberOf(task.node, 'timeout');
    return {
      name: task.name,
      ...present('action', task.action && this.#templates.of(task.action, task.action.value)),
      ...present('input', task.input && this.#templates.of(task.input, task.input.value)),
      ...present('with', this.#items(task.with)),
      ...present('join', joinOf(task.join)),
      ...present('delay', this.#of(task.delay)),
      ...present('timeout', this.#of(timeout)),
      ...present('priority', numberOf(memberOf(task.node, 'priority'))),
      ...present('retry', this.#retry(task)),
      ...present('match', matchOf(memberOf(task.node, 'match'))),
      next: task.transitions.map((transition) => this.#transition(transition)),
    };
  }

  #transition(transition: TransitionDraft): FlowTransition {
    const targets = new Set(transition.targets.map((target) => target.name));
    targets.delete('retry');
    return {
      index: transition.index,
      ...present('when', this.#of(transition.when)),
      publish: this.#published(transition),
      targets: [...targets],
    };
  }

  #published({ publish, parameters }: TransitionDraft): Binding[] {
    if (!publish) return [];
    if (publish.node.kind === 'list') return this.#bindings(publish.node);
    return parameters.map((parameter) => ({
      name: parameter.name,
      value: this.#templates.of(parameter, parameter.value),
    }));
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
      ...present('concurrency', this.#of(memberOf(node, 'concurrency'))),
    };
  }

  /** `do: retry` is no transition: it gives the task a retry, and the last one wins over `retry`. */
  #retry(task: TaskDraft): RetrySpec | undefined {
    const command = task.transitions.filter(({ targets }) => targets.some(({ name }) => name === 'retry')).at(-1);
    if (command) {
      const when = this.#of(command.when) ?? this.#templates.of(command, whenCompleted);
      return { when, count: this.#templates.of(command.targets, retriesOfCommand), factor: 1, jitter: 0 };
    }
    const node = task.retry;
    const count = this.#of(memberOf(node, 'count'));
    if (node?.kind !== 'map' || !count) return undefined;
    return {
      ...present('when', this.#of(memberOf(node, 'when'))),
      count,
      ...present('delay', this.#of(memberOf(node, 'delay'))),
      factor: numberOf(memberOf(node, 'factor')) ?? 1,
      ...present('maxDelayMs', durationOf(memberOf(node, 'max_delay'))),
      jitter: numberOf(memberOf(node, 'jitter')) ?? 0,
    };
  }

  #of(node: YamlNode | undefined) {
    return node && this.#templates.of(node, jsonOf(node));
  }
}

function joinOf(node: YamlNode | undefined): 'all' | number | undefined {
  return textOf(node) === 'all' ? 'all' : numberOf(node);
}

function matchOf(node: YamlNode | undefined): Match | undefined {
  const text = textOf(node);
  return text === 'all' || text === 'first' ? text : undefined;
}

function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

function durationOf(node: YamlNode | undefined): number | undefined {
  const value: Json | undefined = node && jsonOf(node);
  return value === undefined ? undefined : parseDuration(value);
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}
