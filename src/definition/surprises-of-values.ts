/**
 * Values that mean something else than they seem to: allowed, kept at run time as Orquesta has them, and worth a word.
 *
 * Each warning is for a form that is hardly ever meant. What an ordinary document does is never warned of.
 */

import { holdsBlock, holdsExpression, isOneExpression, openExpression, withoutExpressions } from './delimited-text.ts';
import type { TaskDraft, TransitionDraft, WorkflowDraft } from './draft.ts';
import { barePairs } from './inline-parameters.ts';
import { splitItems } from './items.ts';
import { type Finding, isName } from './syntax.ts';
import { kindOf, memberOf, offsetOfCharacter, textOf, type YamlEntry, type YamlNode } from './yaml-node.ts';

/** How many maps of one variable are compared with each other. */
const shapesMax = 20;

export function surprisesOfValues(draft: WorkflowDraft): Finding[] {
  return [
    ...draft.tasks.flatMap(ofTask),
    ...namesOutOfReach(draft),
    ...mapsThatMerge(draft),
    ...['vars', 'input', 'output', 'tasks'].flatMap((key) => ofTexts(memberOf(draft.root, key), key)),
  ];
}

function ofTask(task: TaskDraft): Finding[] {
  return [
    ...ofAction(task),
    ...ofNumbers(task),
    ...ofRetry(task),
    ...ofItems(task),
    ...task.transitions.flatMap(ofTransition),
  ];
}

function ofAction(task: TaskDraft): Finding[] {
  const text = textOf(task.actionNode);
  if (text === undefined || !task.actionNode) return [];
  const at = { offset: task.actionNode.start, specPath: `${task.specPath}.action`, subject: task.name };
  const findings = bareWords(text, task.actionNode, at.specPath);
  const name = String(task.action?.value ?? '');
  if (task.parameters.length > 0) {
    if (/<%|\{\{/.test(withoutExpressions(name))) {
      const message = `The action of task "${task.name}" is cut at its first space, inside of an expression: write the parameters under "input".`;
      findings.push({ code: 'action_cut_in_expression', message, ...at });
    }
    if (memberOf(task.node, 'input')) {
      const message = `The parameters behind the action of task "${task.name}" replace its "input" altogether: keep one of the two.`;
      findings.push({ code: 'input_replaced', message, ...at });
    }
  } else if (findings.length === 0 && /\S\s+\S/.test(withoutExpressions(text))) {
    const message = `The action of task "${task.name}" is the whole text "${text}", spaces included: write parameters as name="value", or under "input".`;
    findings.push({ code: 'text_behind_action', message, ...at });
  }
  return findings;
}

function bareWords(text: string, node: YamlNode, specPath: string): Finding[] {
  return barePairs(text).map(({ name, value, start }) => ({
    code: 'bare_word_parameter',
    message: `The parameter ${name}=${value} is passed over, since its value is a bare word: write ${name}="${value}".`,
    offset: offsetOfCharacter(node, start),
    specPath,
    subject: name,
  }));
}

function ofNumbers(task: TaskDraft): Finding[] {
  const places: [YamlNode | undefined, string][] = [
    [task.delay, 'delay'],
    [memberOf(task.with, 'concurrency'), 'with.concurrency'],
    [memberOf(task.retry, 'count'), 'retry.count'],
    [memberOf(task.retry, 'delay'), 'retry.delay'],
  ];
  const findings = places.flatMap(([node, key]): Finding[] => {
    const text = textOf(node);
    if (!node || !text || holdsExpression(text)) return [];
    const advice = /^\s*\d+\s*$/.test(text)
      ? `write ${text.trim()} without quotes`
      : 'write a whole number, or an expression';
    const message = `"${task.specPath}.${key}" is the text "${text}", and fails when the task starts: ${advice}.`;
    return [
      { code: 'text_for_number', message, offset: node.start, specPath: `${task.specPath}.${key}`, subject: task.name },
    ];
  });
  const concurrency = memberOf(task.with, 'concurrency');
  if (concurrency?.kind === 'scalar' && concurrency.value === 0) {
    const message = `A concurrency of 0 is taken as 1: write 1, or leave it out to run all items at once.`;
    const specPath = `${task.specPath}.with.concurrency`;
    findings.push({ code: 'concurrency_zero', message, offset: concurrency.start, specPath, subject: task.name });
  }
  return findings;
}

function ofRetry(task: TaskDraft): Finding[] {
  const findings = ofCondition(memberOf(task.retry, 'when'), `${task.specPath}.retry.when`, 'retry');
  const commands = task.transitions.filter(({ targets }) => targets.some(({ name }) => name === 'retry'));
  const last = commands.at(-1);
  if (last && (task.retry || commands.length > 1)) {
    findings.push({
      code: 'retry_replaced',
      message: `"do: retry" replaces ${task.retry ? 'the "retry"' : 'the "do: retry" before it'} of task "${task.name}", and tries again up to three times: keep one of them.`,
      offset: (last.do ?? last.node).start,
      specPath: `${last.specPath}.do`,
      subject: task.name,
    });
  }
  for (const { targets, publish, specPath } of commands) {
    if (!publish || targets.some(({ name }) => name !== 'retry')) continue;
    const message = `Nothing is published here, since "do: retry" is no transition: publish in a transition that names a task.`;
    findings.push({
      code: 'publish_dropped',
      message,
      offset: publish.node.start,
      specPath: `${specPath}.publish`,
      subject: task.name,
    });
  }
  return findings;
}

function ofTransition(transition: TransitionDraft): Finding[] {
  const { specPath, publish } = transition;
  const findings = ofCondition(transition.when, `${specPath}.when`, 'transition');
  const text = textOf(publish?.node);
  if (publish && text) {
    const bare = bareWords(text, publish.node, `${specPath}.publish`);
    findings.push(...bare);
    if (bare.length === 0 && transition.parameters.length === 0) {
      const message = `Nothing is published by the text "${text}": write name=<% … %>, or a list of "- name: value".`;
      findings.push({
        code: 'nothing_published',
        message,
        offset: publish.node.start,
        specPath: `${specPath}.publish`,
      });
    }
  }
  const names = new Set<string>();
  for (const { name, offset } of transition.targets) {
    if (names.has(name)) {
      const message = `"do" names "${name}" twice, and starts it once: remove one.`;
      findings.push({ code: 'repeated_target', message, offset, specPath: `${specPath}.do`, subject: name });
    }
    names.add(name);
  }
  return findings;
}

function ofCondition(node: YamlNode | undefined, specPath: string, of: 'transition' | 'retry'): Finding[] {
  const text = textOf(node);
  if (!node || !text || isOneExpression(text) || holdsBlock(text)) return [];
  const effect = of === 'retry' ? 'the task is always tried again' : 'the transition always fires';
  const at = { offset: node.start, specPath };
  if (!holdsExpression(text)) {
    const message = `This condition holds no expression, so it is text and always true, and ${effect}: write <% ${text.trim()} %>.`;
    return [{ code: 'condition_without_expression', message, ...at }];
  }
  const message = `This condition is text around an expression, so it is always true, and ${effect}: put all of it into one <% … %>, without spaces or line ends outside.`;
  return [{ code: 'condition_is_text', message, ...at }];
}

function ofItems(task: TaskDraft): Finding[] {
  const node = memberOf(task.with, 'items');
  const text = textOf(node);
  if (!node || text === undefined) return [];
  const { keys, expression } = splitItems(text);
  const lists = zippedLists(expression);
  if (!keys || lists === undefined || lists === keys.length) return [];
  const message =
    keys.length < lists
      ? `Each item has ${lists} values and only ${keys.length} ${keys.length === 1 ? 'name' : 'names'}, so values are dropped: name ${lists} before "in".`
      : `Each item has ${lists} values for ${keys.length} names, so the last names are never set: name ${lists} before "in".`;
  return [
    {
      code: 'item_names_do_not_fit',
      message,
      offset: node.start,
      specPath: `${task.specPath}.with.items`,
      subject: task.name,
    },
  ];
}

/** How many lists an expression zips that is `zip(…)` and nothing else. */
function zippedLists(expression: string): number | undefined {
  const match = /^(?:<%|\{\{)\s*zip\(([^'"]{0,1000})\)\s*(?:%>|\}\})$/.exec(expression);
  if (!match) return undefined;
  let depth = 0;
  let count = 1;
  for (const character of match[1]!) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth < 0) return undefined;
    if (character === ',' && depth === 0) count += 1;
  }
  return /\bpad\s*=/.test(match[1]!) ? undefined : count;
}

/** Every name that the document sets, with the value it gets. */
function* bindings(draft: WorkflowDraft): Iterable<{ entry: YamlEntry; specPath: string; isPublished: boolean }> {
  for (const key of ['input', 'vars']) yield* entriesOf(memberOf(draft.root, key), key, false);
  for (const task of draft.tasks) {
    for (const { publish, specPath } of task.transitions) yield* entriesOf(publish?.node, `${specPath}.publish`, true);
  }
}

function* entriesOf(node: YamlNode | undefined, specPath: string, isPublished: boolean) {
  if (node?.kind !== 'list') return;
  for (const [index, item] of node.items.entries()) {
    if (item.kind !== 'map') continue;
    for (const entry of item.entries) yield { entry, specPath: `${specPath}[${index}]`, isPublished };
  }
}

function namesOutOfReach(draft: WorkflowDraft): Finding[] {
  return [...bindings(draft)].flatMap(({ entry: { key, keyNode }, specPath }) => {
    const at = { offset: keyNode.start, specPath, subject: key };
    if (key.startsWith('__')) {
      const message = `The variable "${key}" can never be read, since names that begin with two underscores are private: choose another name.`;
      return [{ code: 'private_name', message, ...at }];
    }
    if (isName(key) || holdsExpression(key) || typeof keyNode.value !== 'string') return [];
    const message = `The variable "${key}" cannot be read as ctx().${key}: use letters, digits and underscores in its name.`;
    return [{ code: 'name_hard_to_read', message, ...at }];
  });
}

/** A map published where another value of the variable has all its keys and more: maps merge, so the others stay. */
function mapsThatMerge(draft: WorkflowDraft): Finding[] {
  const shapes = new Map<string, Set<string>[]>();
  const published: { name: string; keys: Set<string>; offset: number; specPath: string }[] = [];
  for (const { entry, specPath, isPublished } of bindings(draft)) {
    const { key: name, value } = entry;
    if (value.kind !== 'map') continue;
    const keys = new Set(value.entries.map((member) => member.key));
    const known = shapes.get(name) ?? [];
    if (known.length < shapesMax) shapes.set(name, [...known, keys]);
    if (isPublished) published.push({ name, keys, offset: value.start, specPath });
  }
  return published.flatMap(({ name, keys, offset, specPath }) => {
    const larger = shapes
      .get(name)!
      .find((shape) => shape.size > keys.size && [...keys].every((key) => shape.has(key)));
    const kept = larger && [...larger].find((key) => !keys.has(key));
    if (kept === undefined) return [];
    const message = `Publishing this map does not remove "${kept}" from "${name}", since maps are merged: publish null first, or use another variable.`;
    return [{ code: 'published_map_merges', message, offset, specPath, subject: name }];
  });
}

/** Texts with an expression that is none, and keys that are no text, anywhere within `node`. */
function ofTexts(node: YamlNode | undefined, specPath: string): Finding[] {
  const findings: Finding[] = [];
  const visit = (at: YamlNode, path: string): void => {
    if (at.kind === 'list') for (const [index, item] of at.items.entries()) visit(item, `${path}[${index}]`);
    if (at.kind === 'map') {
      for (const { key, keyNode, value } of at.entries) {
        if (typeof keyNode.value !== 'string' && isWithinValue(path)) findings.push(keyMadeText(key, keyNode, path));
        visit(value, `${path}.${key}`);
      }
    }
    const text = textOf(at);
    if (text !== undefined) findings.push(...brokenUp(text, at, path));
  };
  if (node) visit(node, specPath);
  return findings;
}

/** Below a variable or a parameter, where keys are data. */
function isWithinValue(path: string): boolean {
  return (
    /^(?:vars|input|output)\[\d+\]\./.test(path) ||
    /^tasks\.[^.]+\.(?:input\.|next\[\d+\]\.publish\[\d+\]\.)/.test(path)
  );
}

function keyMadeText(key: string, keyNode: YamlNode, specPath: string): Finding {
  const message = `The key ${key} is read as ${kindOf(keyNode)} and kept as the text "${key}": write it in quotes.`;
  return { code: 'key_made_text', message, offset: keyNode.start, specPath, subject: key };
}

function brokenUp(text: string, node: YamlNode, specPath: string): Finding[] {
  const open = openExpression(text);
  if (!open) return [];
  const offset = offsetOfCharacter(node, open.at);
  if (!open.isClosedLater) {
    const message = 'The "<%" here is never closed by "%>" and stays text: close it on the same line.';
    return [{ code: 'expression_not_closed', message, offset, specPath }];
  }
  const message =
    'An expression that spans lines stays text and is never evaluated: write it on one line, or fold it with ">-".';
  return [{ code: 'expression_spans_lines', message, offset, specPath }];
}
