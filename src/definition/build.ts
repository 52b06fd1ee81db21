/**
 * Makes the flow definition of a document that has no errors.
 *
 * Everything is checked before; where the document still has a shape that the checks let through and the flow has no word
 * for, the nearest lawful value is taken.
 */

import { durationOf, numberOf, present, WorkBuilder } from './build-work.ts';
import type { TaskDraft, TransitionDraft, WorkflowDraft } from './draft.ts';
import type { Binding, FlowDefinition, FlowTask, FlowTransition, Match } from './flow.ts';
import type { Templates } from './templates.ts';
import { jsonOf, memberOf, textOf, type YamlNode } from './yaml-node.ts';

export function buildFlow(draft: WorkflowDraft, templates: Templates, hasEntryPoint: boolean): FlowDefinition {
  return new FlowBuilder(new WorkBuilder(templates)).flow(draft, hasEntryPoint);
}

class FlowBuilder {
  readonly #work: WorkBuilder;

  constructor(work: WorkBuilder) {
    this.#work = work;
  }

  flow({ root, tasks }: WorkflowDraft, hasEntryPoint: boolean): FlowDefinition {
    const limits = memberOf(root, 'limits');
    const tags = memberOf(root, 'tags');
    return {
      style: 'flow',
      ...present('name', textOf(memberOf(root, 'name'))),
      ...present('description', textOf(memberOf(root, 'description'))),
      tags: tags?.kind === 'list' ? tags.items.map(jsonOf) : [],
      input: this.#work.inputs(memberOf(root, 'input')),
      vars: this.#work.bindings(memberOf(root, 'vars')),
      output: this.#work.bindings(memberOf(root, 'output')),
      match: matchOf(memberOf(root, 'match')) ?? 'all',
      limits: {
        ...present('durationMs', durationOf(memberOf(limits, 'duration'))),
        ...present('iterations', numberOf(memberOf(limits, 'iterations'))),
      },
      tasks: new Map(tasks.map((task) => [task.name, this.#task(task)])),
      hasEntryPoint,
    };
  }

  #task(task: TaskDraft): FlowTask {
    return {
      ...this.#work.work(task),
      ...present('join', joinOf(task.join)),
      ...present('match', matchOf(memberOf(task.node, 'match'))),
      next: task.transitions.map((transition) => this.#transition(transition)),
    };
  }

  #transition(transition: TransitionDraft): FlowTransition {
    const targets = new Set(transition.targets.map((target) => target.name));
    targets.delete('retry');
    return {
      index: transition.index,
      ...present('when', this.#work.template(transition.when)),
      publish: this.#published(transition),
      targets: [...targets],
    };
  }

  #published({ publish, parameters }: TransitionDraft): Binding[] {
    if (!publish) return [];
    if (publish.node.kind === 'list') return this.#work.bindings(publish.node);
    return parameters.map((parameter) => ({
      name: parameter.name,
      value: this.#work.templateOf(parameter, parameter.value),
    }));
  }
}

function joinOf(node: YamlNode | undefined): 'all' | number | undefined {
  return textOf(node) === 'all' ? 'all' : numberOf(node);
}

function matchOf(node: YamlNode | undefined): Match | undefined {
  const text = textOf(node);
  return text === 'all' || text === 'first' ? text : undefined;
}
