/**
 * Jinja's tree to closures: an expression gives a value, a statement writes text.
 *
 * J1. A name is looked up in the nearest scope that set it, then among the functions every template sees.
 * J2. `for`, `with`, macros, blocks and filter blocks have scopes of their own: what they set ends with them.
 * J3. Something undefined may be passed on and asked about; any other use stops with `UndefinedError`.
 */

import { enter, grow, leave, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { Dict, entriesOf, isMapping } from '../python/dict.ts';
import { isSame, isTrue } from '../python/order.ts';
import { Lazy, Opaque, OtherSequence, type Value } from '../python/values.ts';
import { attribute, item, Slice } from './access.ts';
import { callValue, type Environment, globalValue } from './environment.ts';
import { filters } from './filters.ts';
import { Callable, defined, Fields, Markup, type Named, plainText, str, Undefined } from './objects.ts';
import { binary, compareBy, iterate, listOf, unary } from './operators.ts';
import type { Expression, Given, Parameter, Statement, Target } from './syntax.ts';
import { tests } from './tests.ts';

/** Names of one scope, then its parent's. */
export class Names {
  readonly parent: Names | null;
  readonly environment: Environment;
  private readonly values = new Map<string, Value>();

  constructor(environment: Environment, parent: Names | null) {
    this.environment = environment;
    this.parent = parent;
  }
  child(): Names {
    return new Names(this.environment, this);
  }
  get(name: string): Value {
    for (let names: Names | null = this; names !== null; names = names.parent) {
      const value = names.values.get(name);
      if (value !== undefined) return value;
    }
    return globalValue(this.environment, name);
  }
  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
  /** The outermost scope, which is all that an unscoped block sees. */
  get outermost(): Names {
    return this.parent === null ? this : this.parent.outermost;
  }
}

export type Evaluate = (names: Names) => Value;
type Write = (names: Names, out: string[]) => void;

const noneNamed: Named = new Map();

/** Truth, which something undefined does not have. */
function test(value: Value): boolean {
  return isTrue(defined(value));
}

export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'name': {
      const { name } = expression;
      return (names) => names.get(name);
    }
    case 'list': {
      const items = expression.items.map(compileExpression);
      return (names) => {
        grow(items.length);
        return items.map((one) => one(names));
      };
    }
    case 'tuple': {
      const items = expression.items.map(compileExpression);
      return (names) => {
        grow(items.length);
        return new OtherSequence(items.map((one) => one(names)));
      };
    }
    case 'dict': {
      const pairs = expression.pairs.map(([key, value]) => [compileExpression(key), compileExpression(value)] as const);
      return (names) => {
        const map = new Dict('jinja');
        for (const [key, value] of pairs) map.set(bare(defined(key(names))), value(names));
        return map;
      };
    }
    case 'concat':
      return compileConcat(expression.items.map(compileExpression));
    case 'unary': {
      const operand = compileExpression(expression.operand);
      const { operator } = expression;
      return operator === 'not' ? (names) => !test(operand(names)) : (names) => unary(operator, operand(names));
    }
    case 'binary':
      return compileBinary(
        expression.operator,
        compileExpression(expression.left),
        compileExpression(expression.right),
      );
    case 'compare': {
      const first = compileExpression(expression.first);
      const rest = expression.rest.map(({ operator, operand }) => ({ operator, operand: compileExpression(operand) }));
      return (names) => {
        let left = first(names);
        for (const { operator, operand } of rest) {
          spend();
          const right = operand(names);
          if (!compareBy(operator, left, right)) return false;
          left = right;
        }
        return true;
      };
    }
    case 'condition': {
      const [condition, then] = [compileExpression(expression.test), compileExpression(expression.value)];
      const otherwise = expression.otherwise === null ? null : compileExpression(expression.otherwise);
      return (names) => {
        if (test(condition(names))) return then(names);
        return otherwise === null
          ? new Undefined('the inline if-expression evaluated to false and no else section was defined.')
          : otherwise(names);
      };
    }
    case 'attribute': {
      const target = compileExpression(expression.target);
      const { name } = expression;
      return (names) => attribute(target(names), name);
    }
    case 'item': {
      const [target, key] = [compileExpression(expression.target), compileExpression(expression.key)];
      return (names) => item(target(names), key(names));
    }
    case 'slice': {
      const [start, end, step] = [expression.start, expression.stop, expression.step].map(
        (part): Evaluate => (part === null ? () => null : compileExpression(part)),
      ) as [Evaluate, Evaluate, Evaluate];
      return (names) => new Slice(start(names), end(names), step(names));
    }
    case 'call': {
      const target = compileExpression(expression.target);
      const given = compileGiven(expression.given);
      return (names) => {
        enter();
        const callee = target(names);
        const [values, named] = given(names);
        const result = callValue(callee, values, named);
        leave();
        return result;
      };
    }
    case 'filter':
      return compileFilter(expression, null);
    case 'test': {
      const target = compileExpression(expression.target);
      const given = compileGiven(expression.given);
      const { name } = expression;
      const isKnown = tests.has(name);
      return (names) => {
        if (!isKnown) stop('TemplateAssertionError', `No test named '${name}'.`);
        const [values, named] = given(names);
        return names.environment.test(name, [target(names), ...values], named);
      };
    }
  }
}

function bare(key: Value): Value {
  return key instanceof Markup ? key.markup : key;
}

function compileConcat(items: readonly Evaluate[]): Evaluate {
  return (names) => {
    const parts = items.map((one) => one(names));
    const text = parts.map((part) => str(part)).join('');
    grow(text.length);
    return text;
  };
}

function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'and') {
    return (names) => {
      const value = left(names);
      return test(value) ? right(names) : value;
    };
  }
  if (operator === 'or') {
    return (names) => {
      const value = left(names);
      return test(value) ? value : right(names);
    };
  }
  return (names) => {
    spend();
    return binary(operator, left(names), right(names));
  };
}

/** `filterBody` stands for the text that a `{% filter %}` or `{% set %}` block made. */
function compileFilter(expression: Expression & { kind: 'filter' }, filterBody: Evaluate | null): Evaluate {
  const inner = expression.target;
  const target =
    inner === null
      ? (filterBody ?? (() => ''))
      : inner.kind === 'filter'
        ? compileFilter(inner, filterBody)
        : compileExpression(inner);
  const given = compileGiven(expression.given);
  const { name } = expression;
  const isKnown = filters.has(name);
  return (names) => {
    if (!isKnown) stop('TemplateAssertionError', `No filter named '${name}'.`);
    enter();
    const value = target(names);
    const [values, named] = given(names);
    const result = names.environment.filter(name, [value, ...values], named);
    leave();
    return result;
  };
}

function compileGiven({
  positional,
  named,
  more,
  moreNamed,
}: Given): (names: Names) => readonly [readonly Value[], Named] {
  const values = positional.map(compileExpression);
  if (named.length === 0 && more === null && moreNamed === null)
    return (names) => [values.map((one) => one(names)), noneNamed];
  const pairs = named.map(([name, value]) => [name, compileExpression(value)] as const);
  const [spread, spreadNamed] = [more && compileExpression(more), moreNamed && compileExpression(moreNamed)];
  return (names) => {
    const all = values.map((one) => one(names));
    if (spread) all.push(...listOf(spread(names)));
    const byName = new Map<string, Value>();
    for (const [name, value] of pairs) byName.set(name, value(names));
    if (spreadNamed) {
      const map = defined(spreadNamed(names));
      if (!isMapping(map)) return stop('TypeError', 'argument after ** must be a mapping');
      for (const [key, value] of entriesOf(map)) {
        byName.set(plainText(key) ?? stop('TypeError', 'keywords must be strings'), value);
      }
    }
    return [all, byName];
  };
}

// Statements

export function compileStatements(statements: readonly Statement[]): Write {
  const writes = statements.map(compileStatement);
  return (names, out) => {
    for (const write of writes) write(names, out);
  };
}

function compileStatement(statement: Statement): Write {
  switch (statement.kind) {
    case 'data': {
      const { text } = statement;
      return (_, out) => put(out, text);
    }
    case 'print': {
      const expression = compileExpression(statement.expression);
      return (names, out) => put(out, str(expression(names)));
    }
    case 'if': {
      const branches = statement.branches.map(({ test: condition, body }) => ({
        condition: compileExpression(condition),
        body: compileStatements(body),
      }));
      const otherwise = compileStatements(statement.otherwise);
      return (names, out) => {
        const branch = branches.find(({ condition }) => test(condition(names)));
        (branch?.body ?? otherwise)(names, out);
      };
    }
    case 'for':
      return compileFor(statement);
    case 'set': {
      const value = compileExpression(statement.value);
      const assign = compileTarget(statement.target);
      return (names) => assign(names, value(names));
    }
    case 'setBlock': {
      const body = compileStatements(statement.body);
      const assign = compileTarget(statement.target);
      const filter =
        statement.filter?.kind === 'filter' ? compileFilter(statement.filter, (names) => names.get(blockText)) : null;
      return (names) => {
        const inner = names.child();
        const text = textOf(body, inner);
        if (filter === null) return assign(names, text);
        inner.set(blockText, text);
        return assign(names, filter(inner));
      };
    }
    case 'with': {
      const values = statement.values.map(compileExpression);
      const targets = statement.targets.map(compileTarget);
      const body = compileStatements(statement.body);
      return (names, out) => {
        const inner = names.child();
        values.forEach((value, index) => {
          targets[index]?.(inner, value(names));
        });
        body(inner, out);
      };
    }
    case 'macro': {
      const make = compileMacro(statement.name, statement.parameters, statement.body);
      return (names) => names.set(statement.name, make(names));
    }
    case 'callBlock':
      return compileCallBlock(statement);
    case 'filterBlock': {
      const body = compileStatements(statement.body);
      const filter = compileFilter(statement.filter as Expression & { kind: 'filter' }, (names) =>
        names.get(blockText),
      );
      return (names, out) => {
        const inner = names.child();
        inner.set(blockText, textOf(body, inner));
        put(out, str(filter(inner)));
      };
    }
    case 'block': {
      const body = compileStatements(statement.body);
      const { isScoped } = statement;
      return (names, out) => body((isScoped ? names : names.outermost).child(), out);
    }
    case 'autoescape': {
      const body = compileStatements(statement.body);
      return (names, out) => body(names.child(), out);
    }
    case 'load': {
      const { tag } = statement;
      return () =>
        stop('TypeError', `no loader for this environment specified: {% ${tag} %} cannot be used in a workflow.`);
    }
  }
}

/** A name no template can write, for the text of the block being filtered. */
const blockText = '{block}';

function put(out: string[], text: string): void {
  spend();
  grow(text.length);
  out.push(text);
}

function textOf(body: Write, names: Names): string {
  const out: string[] = [];
  body(names, out);
  return out.join('');
}

function compileTarget(target: Target): (names: Names, value: Value) => void {
  switch (target.kind) {
    case 'name':
      return (names, value) => names.set(target.name, value);
    case 'field':
      return (names, value) => {
        const space = names.get(target.name);
        if (!(space instanceof Fields) || space.write === null)
          stop('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
        else space.write(target.field, value);
      };
    case 'tuple': {
      const parts = target.items.map(compileTarget);
      return (names, value) => {
        const values = listOf(value);
        if (values.length !== parts.length) {
          stop(
            'ValueError',
            values.length < parts.length
              ? `not enough values to unpack (expected ${parts.length}, got ${values.length})`
              : `too many values to unpack (expected ${parts.length})`,
          );
        }
        parts.forEach((part, index) => {
          part(names, values[index] as Value);
        });
      };
    }
  }
}

/** The state of a running loop, which `loop` shows. */
class Loop {
  index0 = -1;
  before: Value = null;
  current: Value = null;
  private ahead: { readonly value: Value } | null | undefined;
  private readonly source: Iterator<Value>;
  private known: number | undefined;
  private lastSeen: Value | undefined;
  private readonly depth0: number;
  private readonly recurse: ((items: Value) => Value) | null;
  private pending: Value[] | null = null;

  constructor(items: Value, depth0: number, recurse: ((items: Value) => Value) | null) {
    this.source = iterate(items)[Symbol.iterator]();
    this.depth0 = depth0;
    this.recurse = recurse;
    if (!(items instanceof Lazy)) this.known = undefined;
  }

  private pull(): { readonly value: Value } | null {
    if (this.pending !== null) {
      const value = this.pending.shift();
      return value === undefined ? null : { value };
    }
    const next = this.source.next();
    return next.done ? null : { value: next.value };
  }

  private peek(): { readonly value: Value } | null {
    if (this.ahead === undefined) this.ahead = this.pull();
    return this.ahead;
  }

  advance(): boolean {
    spend();
    const next = this.peek();
    this.ahead = undefined;
    if (next === null) return false;
    this.index0++;
    this.before = this.current;
    this.current = next.value;
    return true;
  }

  private get length(): number {
    if (this.known === undefined) {
      const next = this.peek();
      const rest: Value[] = [];
      for (let one = this.pull(); one !== null; one = this.pull()) {
        grow(1);
        rest.push(one.value);
      }
      this.pending = rest;
      this.known = this.index0 + 1 + (next === null ? 0 : 1) + rest.length;
    }
    return this.known;
  }

  private changed(values: readonly Value[]): boolean {
    const seen = new OtherSequence(values);
    if (this.lastSeen !== undefined && isSame(this.lastSeen, seen, 'jinja')) return false;
    this.lastSeen = seen;
    return true;
  }

  /** What `loop.name` is. */
  get(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek() === null;
      case 'length':
        return this.length;
      case 'revindex':
        return this.length - this.index0;
      case 'revindex0':
        return this.length - this.index0 - 1;
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.index0 === 0 ? new Undefined('there is no previous item') : this.before;
      case 'nextitem':
        return (this.peek() ?? { value: new Undefined('there is no next item') }).value;
      case 'cycle':
        return new Callable('method', 'cycle', (given) =>
          given.length === 0
            ? stop('TypeError', 'no items for cycling given')
            : (given[this.index0 % given.length] as Value),
        );
      case 'changed':
        return new Callable('method', 'changed', (given) => this.changed(given));
      default:
        return undefined;
    }
  }

  value(): Fields {
    const { recurse } = this;
    return new Fields('LoopContext', (name) => this.get(name), {
      call: (given) => {
        if (recurse === null)
          return stop('TypeError', "The loop must have the 'recursive' marker to be called recursively.");
        return recurse(given[0] ?? null);
      },
    });
  }
}

function compileFor(statement: Statement & { kind: 'for' }): Write {
  const items = compileExpression(statement.items);
  const assign = compileTarget(statement.target);
  const condition = statement.test === null ? null : compileExpression(statement.test);
  const body = compileStatements(statement.body);
  const otherwise = compileStatements(statement.otherwise);
  const { isRecursive } = statement;

  function* passing(values: Value, names: Names): Generator<Value> {
    for (const value of iterate(values)) {
      spend();
      const inner = names.child();
      inner.set('loop', new Undefined("'loop' is undefined"));
      assign(inner, value);
      if (condition === null || test(condition(inner))) yield value;
    }
  }

  const run = (values: Value, names: Names, out: string[], depth: number): void => {
    enter();
    const shown = condition === null ? values : new Lazy(passing(values, names));
    const recurse = (next: Value): Value => {
      const inner: string[] = [];
      run(defined(next), names, inner, depth + 1);
      return inner.join('');
    };
    const loop = new Loop(shown, depth, isRecursive ? recurse : null);
    const state = loop.value();
    let isEmpty = true;
    while (loop.advance()) {
      isEmpty = false;
      const inner = names.child();
      inner.set('loop', state);
      assign(inner, loop.current);
      body(inner, out);
    }
    if (isEmpty) otherwise(names.child(), out);
    leave();
  };

  return (names, out) => run(items(names), names, out, 0);
}

/** Makes the macro's function in the scope it is defined in. */
function compileMacro(
  name: string,
  parameters: readonly Parameter[],
  statements: readonly Statement[],
): (names: Names) => Callable {
  const body = compileStatements(statements);
  const source = usedNames(statements);
  const takesMore = source.has('varargs');
  const takesNamed = source.has('kwargs');
  const takesCaller = source.has('caller');
  const defaults = parameters.map((parameter) =>
    parameter.default === null ? null : compileExpression(parameter.default),
  );
  return (names) => {
    const attributes = new Map<string, Value>([
      ['name', name],
      ['arguments', new OtherSequence(parameters.map((parameter) => parameter.name))],
      ['catch_kwargs', takesNamed],
      ['catch_varargs', takesMore],
      ['caller', takesCaller],
    ]);
    const call = (given: readonly Value[], named: Named): Value => {
      enter();
      const inner = names.child();
      const others = new Map(named);
      parameters.forEach((parameter, index) => {
        const byName = others.get(parameter.name);
        others.delete(parameter.name);
        if (index < given.length) {
          if (byName !== undefined)
            stop('TypeError', `macro '${name}' got multiple values for argument '${parameter.name}'`);
          inner.set(parameter.name, given[index] as Value);
        } else if (byName !== undefined) inner.set(parameter.name, byName);
        else {
          const standard = defaults[index];
          inner.set(
            parameter.name,
            standard ? standard(inner) : new Undefined(`parameter '${parameter.name}' was not provided`),
          );
        }
      });
      const caller = others.get('caller');
      others.delete('caller');
      if (takesCaller) inner.set('caller', caller ?? new Undefined('No caller defined'));
      else if (caller !== undefined && !takesNamed)
        stop('TypeError', `macro '${name}' was invoked with two values for the special caller argument`);
      if (takesNamed) {
        const rest = new Dict('jinja');
        for (const [key, value] of others) rest.set(key, value);
        inner.set('kwargs', rest);
      } else if (others.size > 0)
        stop('TypeError', `macro '${name}' takes no keyword argument '${[...others.keys()][0]}'`);
      if (takesMore) inner.set('varargs', new OtherSequence(given.slice(parameters.length)));
      else if (given.length > parameters.length)
        stop('TypeError', `macro '${name}' takes not more than ${parameters.length} argument(s)`);
      const text = textOf(body, inner);
      leave();
      return text;
    };
    return new Callable('Macro', name, call, attributes);
  };
}

/** Names that a macro's body mentions: `varargs`, `kwargs` and `caller` mean something only where they are. */
function usedNames(part: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(part)) for (const one of part) usedNames(one, found);
  else if (typeof part === 'object' && part !== null && !(part instanceof Opaque)) {
    if ('kind' in part && part.kind === 'name' && 'name' in part) found.add(String(part.name));
    for (const one of Object.values(part)) usedNames(one, found);
  }
  return found;
}

function compileCallBlock(statement: Statement & { kind: 'callBlock' }): Write {
  const make = compileMacro('caller', statement.parameters, statement.body);
  const call = statement.call as Expression & { kind: 'call' };
  const target = compileExpression(call.target);
  const given = compileGiven(call.given);
  return (names, out) => {
    const caller = make(names);
    const [values, named] = given(names);
    put(out, str(callValue(target(names), values, new Map([...named, ['caller', caller]]))));
  };
}
