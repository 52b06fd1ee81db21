/**
 * A document's tasks as inspection sees them: in order, with their places in the text, whether they are right or not.
 *
 * Parameters behind an action's name are taken apart here, and `do` is split into names, so that the checks and the builder
 * read the same thing. A draft is as lenient as a reader can be: what has the wrong type is left out, and the syntax check
 * says so.
 */

import { type Json, setOwn } from '../base/index.ts';
import { type InlineParameter, parseInlineParameters } from './inline-parameters.ts';
import { isCommand } from './language.ts';
import {
  entryOf,
  jsonOf,
  memberOf,
  offsetOfCharacter,
  textOf,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from './yaml-node.ts';

/** A value and the node to point at when something is wrong with it. */
export interface Placed {
  readonly value: Json;
  readonly node: YamlNode;
}

export interface TargetDraft {
  readonly name: string;
  readonly offset: number;
}

export interface TransitionDraft {
  readonly index: number;
  readonly specPath: string;
  readonly node: YamlNode;
  readonly when?: YamlNode;
  /** As the walk of variables sees it: the list, or the parameters of inline text as a list of one-key maps. */
  readonly publish?: Placed;
  /** The parameters of inline text. */
  readonly parameters: readonly InlineParameter[];
  readonly do?: YamlNode;
  /** In the order of the document, repeats and commands included; `continue` where the document names none. */
  readonly targets: readonly TargetDraft[];
}

export interface TaskDraft {
  readonly name: string;
  readonly specPath: string;
  readonly entry: YamlEntry;
  readonly node?: YamlMap;
  /** The action without the parameters behind it. */
  readonly action?: Placed;
  /** The whole text of the action. */
  readonly actionNode?: YamlNode;
  /** Empty where the action's text has none. They replace `input`. */
  readonly parameters: readonly InlineParameter[];
  readonly input?: Placed;
  readonly with?: YamlNode;
  readonly join?: YamlNode;
  readonly delay?: YamlNode;
  readonly retry?: YamlNode;
  readonly transitions: readonly TransitionDraft[];
  /** In the order of the document, repeats included; absent where the task has no `needs`. */
  readonly needs?: readonly NeedDraft[];
}

export interface NeedDraft {
  readonly name: string;
  readonly kind: 'blocking' | 'preferred';
  readonly offset: number;
}

export interface WorkflowDraft {
  readonly root: YamlNode;
  /** In the order of the document, those with reserved or malformed names included. */
  readonly tasks: readonly TaskDraft[];
  readonly byName: ReadonlyMap<string, TaskDraft>;
  /** The first `do` beyond `targetsMax`; its names and all after them are left out. */
  readonly overflow?: YamlNode;
}

/** How many names all `do` of a document may hold. */
export const targetsMax = 200_000;

/** The root with every `with: text` written out as `with: {items: text}`, as the rules of the language expect it. */
export function writtenOut(root: YamlNode): YamlNode {
  const tasks = memberOf(root, 'tasks');
  if (root.kind !== 'map' || tasks?.kind !== 'map') return root;
  const entries = tasks.entries.map((task) => {
    const short = entryOf(task.value, 'with');
    if (task.value.kind !== 'map' || short?.value.kind !== 'scalar' || typeof short.value.value !== 'string')
      return task;
    const items: YamlEntry = { key: 'items', keyNode: short.keyNode, value: short.value };
    const long: YamlEntry = {
      ...short,
      value: { kind: 'map', entries: [items], start: short.value.start, end: short.value.end },
    };
    return { ...task, value: replaced(task.value, short, long) };
  });
  const entry = entryOf(root, 'tasks')!;
  return replaced(root, entry, { ...entry, value: { ...tasks, entries } });
}

function replaced(map: YamlMap, old: YamlEntry, next: YamlEntry): YamlMap {
  return { ...map, entries: map.entries.map((entry) => (entry === old ? next : entry)) };
}

/** Drafts the tasks of a written-out root. */
export function draftWorkflow(root: YamlNode): WorkflowDraft {
  const node = memberOf(root, 'tasks');
  const budget: TargetBudget = { left: targetsMax };
  const tasks = node?.kind === 'map' ? node.entries.map((entry) => draftTask(entry, budget)) : [];
  return {
    root,
    tasks,
    byName: new Map(tasks.map((task) => [task.name, task])),
    ...optional('overflow', budget.overflow),
  };
}

interface TargetBudget {
  left: number;
  overflow?: YamlNode;
}

function draftTask(entry: YamlEntry, budget: TargetBudget): TaskDraft {
  const name = entry.key;
  const specPath = `tasks.${name}`;
  const node = entry.value;
  if (node.kind !== 'map') return { name, specPath, entry, parameters: [], transitions: [] };
  const members = new Map(node.entries.map((member) => [member.key, member.value]));
  const actionNode = members.get('action');
  const actionText = textOf(actionNode);
  const parameters = actionText === undefined ? [] : parseInlineParameters(actionText);
  const next = members.get('next');
  return {
    name,
    specPath,
    entry,
    node,
    parameters,
    ...optional('actionNode', actionNode),
    ...optional('action', actionNode && { value: nameOfAction(actionNode, actionText, parameters), node: actionNode }),
    ...optional('input', inputOf(members.get('input'), actionNode, parameters)),
    ...optional('with', members.get('with')),
    ...optional('join', members.get('join')),
    ...optional('delay', members.get('delay')),
    ...optional('retry', members.get('retry')),
    ...optional('needs', needsOf(members.get('needs'))),
    transitions:
      next?.kind === 'list' ? next.items.map((item, index) => draftTransition(item, index, specPath, budget)) : [],
  };
}

function needsOf(node: YamlNode | undefined): NeedDraft[] | undefined {
  if (node === undefined) return undefined;
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item): NeedDraft[] => {
    const own = textOf(item);
    const name = own ?? textOf(memberOf(item, 'task'));
    if (name === undefined) return [];
    const kind = textOf(memberOf(item, 'kind')) === 'preferred' ? 'preferred' : 'blocking';
    return [{ name: name.trim(), kind, offset: item.start }];
  });
}

function nameOfAction(node: YamlNode, text: string | undefined, parameters: readonly InlineParameter[]): Json {
  if (text === undefined || parameters.length === 0) return jsonOf(node);
  const space = text.indexOf(' ');
  return space === -1 ? text : text.slice(0, space);
}

function inputOf(
  input: YamlNode | undefined,
  action: YamlNode | undefined,
  parameters: readonly InlineParameter[],
): Placed | undefined {
  if (!action || parameters.length === 0) return input && { value: jsonOf(input), node: input };
  const value: { [name: string]: Json } = {};
  for (const parameter of parameters) setOwn(value, parameter.name, parameter.value);
  return { value, node: action };
}

function draftTransition(node: YamlNode, index: number, taskPath: string, budget: TargetBudget): TransitionDraft {
  const when = memberOf(node, 'when');
  const publish = memberOf(node, 'publish');
  const parameters = parseInlineParameters(textOf(publish) ?? '');
  const action = memberOf(node, 'do');
  return {
    index,
    specPath: `${taskPath}.next[${index}]`,
    node,
    ...optional('when', when),
    parameters,
    ...optional('publish', publish && { value: publishedBy(publish, parameters), node: publish }),
    ...optional('do', action),
    targets: within(budget, action ?? node, targetsOf(action, node, budget.left)),
  };
}

function publishedBy(node: YamlNode, parameters: readonly InlineParameter[]): Json {
  if (!textOf(node)) return jsonOf(node);
  return parameters.map(({ name, value }) => {
    const map: { [name: string]: Json } = {};
    setOwn(map, name, value);
    return map;
  });
}

function within(budget: TargetBudget, node: YamlNode, targets: TargetDraft[]): TargetDraft[] {
  if (targets.length > budget.left) budget.overflow ??= node;
  const kept = targets.slice(0, budget.left);
  budget.left -= kept.length;
  return kept;
}

/** The names, one more than `most` at most. */
function targetsOf(node: YamlNode | undefined, transition: YamlNode, most: number): TargetDraft[] {
  if (node?.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') {
    return splitNames(node.value, node, most + 1);
  }
  if (node?.kind === 'list' && node.items.length > 0) {
    return node.items.flatMap((item) => {
      const name = textOf(item);
      return name === undefined ? [] : [{ name, offset: item.start }];
    });
  }
  if (node?.kind === 'map' && node.entries.length > 0) {
    return node.entries.map((entry) => ({ name: entry.key, offset: entry.keyNode.start }));
  }
  return [{ name: 'continue', offset: (node ?? transition).start }];
}

function splitNames(text: string, node: YamlNode, most: number): TargetDraft[] {
  let at = 0;
  return text.split(',', most).map((part) => {
    const lead = part.length - part.trimStart().length;
    const target = { name: part.trim(), offset: offsetOfCharacter(node, at + lead) };
    at += part.length + 1;
    return target;
  });
}

/** The tasks and commands that a task leads to, one for each naming of them; none for a command. */
export function targetsOfTask(draft: WorkflowDraft, name: string): readonly TargetDraft[] {
  if (isCommand(name)) return [];
  return draft.byName.get(name)?.transitions.flatMap((transition) => transition.targets) ?? [];
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}
