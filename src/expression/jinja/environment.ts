/** What an evaluation of Jinja can reach: the scope, filters, tests, and the functions and names every template sees. */

import { spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { Dict, entriesOf, isMapping } from '../python/dict.ts';
import { isTrue } from '../python/order.ts';
import { elements, indexOf, isInt, isSequence, OtherSequence, type Value } from '../python/values.ts';
import type { Scope } from '../scope.ts';
import { st2Functions } from '../st2-functions.ts';
import { workflowFunctions } from '../workflow-functions.ts';
import { filters } from './filters.ts';
import { madeDict } from './methods.ts';
import { Callable, defined, Fields, type Named, Range, Undefined } from './objects.ts';
import { type Bound, signatureOf } from './signature.ts';
import { tests } from './tests.ts';

export class Environment {
  readonly scope: Scope;
  /** The template changes lists or maps, so it works on copies of the scope's. */
  private readonly copies: Map<object, Value> | null;

  constructor(scope: Scope, isChanging: boolean) {
    this.scope = scope;
    this.copies = isChanging ? new Map() : null;
  }

  filter(name: string, given: readonly Value[], named: Named): Value {
    const filter = filters.get(name) ?? stop('TemplateRuntimeError', `No filter named '${name}'.`);
    spend();
    return filter.run(filter.signature.bind(given, named), this);
  }

  test(name: string, given: readonly Value[], named: Named): boolean {
    const test = tests.get(name) ?? stop('TemplateRuntimeError', `No test named '${name}'.`);
    spend();
    return test.run(test.signature.bind(given, named));
  }

  /** Data of the scope, or this evaluation's own copy of it. */
  data(value: Value): Value {
    return this.copies === null ? value : this.copyOf(value, this.copies);
  }

  private copyOf(value: Value, copies: Map<object, Value>): Value {
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    spend();
    if (isSequence(value)) {
      const items: Value[] = [];
      copies.set(value, items);
      for (const item of elements(value)) items.push(this.copyOf(item, copies));
      return items;
    }
    if (!isMapping(value)) return value;
    const map = new Dict('jinja');
    copies.set(value, map);
    for (const [key, item] of entriesOf(value)) map.set(key, this.copyOf(item, copies));
    return map;
  }
}

type Make = (environment: Environment, given: Bound) => Value;

function builtIn(type: string, text: string, make: Make): readonly [string, (environment: Environment) => Value] {
  const signature = signatureOf(text);
  return [
    signature.name,
    (environment) =>
      new Callable(type, signature.name, (given, named) => make(environment, signature.bind(given, named))),
  ];
}

function range(given: Bound): Value {
  const numbers = given.rest.map((value) =>
    isInt(value) || typeof value === 'boolean' ? indexOf(value) : stop('TypeError', 'range() needs integers'),
  );
  const [a, b, c] = numbers;
  if (a === undefined || numbers.length > 3) return stop('TypeError', 'range expected 1 to 3 arguments');
  return b === undefined ? new Range(0, a, 1) : new Range(a, b, c ?? 1);
}

function cycler(items: readonly Value[]): Value {
  if (items.length === 0) return stop('RuntimeError', 'at least one item has to be provided');
  let position = 0;
  const next = new Callable('method', 'next', () => items[position++ % items.length] as Value);
  const reset = new Callable('method', 'reset', () => {
    position = 0;
    return null;
  });
  return new Fields('Cycler', (name) =>
    name === 'next'
      ? next
      : name === 'reset'
        ? reset
        : name === 'current'
          ? (items[position % items.length] as Value)
          : undefined,
  );
}

function joiner(separator: Value): Value {
  let isUsed = false;
  return new Fields('Joiner', () => undefined, {
    call: () => {
      const out = isUsed ? separator : '';
      isUsed = true;
      return out;
    },
  });
}

function namespace(given: Bound): Value {
  const values = madeDict(given);
  return new Fields('Namespace', (name) => values.get(name), { write: (name, value) => values.set(name, value) });
}

function routeOf(value: Value): Value {
  return value === null || isInt(value) ? value : stop('TypeError', 'the route is an integer');
}

const globals: ReadonlyMap<string, (environment: Environment) => Value> = new Map([
  builtIn('partial', 'ctx(key=None)', (environment, given) => {
    const key = defined(given.value(0));
    const value = workflowFunctions.ctx(environment.scope, key);
    return environment.data(value);
  }),
  builtIn('partial', 'item(key=None)', (environment, given) =>
    environment.data(workflowFunctions.item(environment.scope, defined(given.value(0)), 'jinja')),
  ),
  builtIn('partial', 'result()', (environment) => environment.data(workflowFunctions.result(environment.scope))),
  builtIn('partial', 'task(task_id=None, route=None)', (environment, given) =>
    workflowFunctions.taskDetails(
      environment.scope,
      given.value(0) === undefined ? null : defined(given.value(0)),
      routeOf(defined(given.value(1))),
    ),
  ),
  builtIn('partial', 'task_status(task_id, route=None)', (environment, given) =>
    workflowFunctions.taskStatus(environment.scope, defined(given.value(0)), routeOf(defined(given.value(1)))),
  ),
  builtIn('partial', 'succeeded()', (environment) => workflowFunctions.succeeded(environment.scope)),
  builtIn('partial', 'failed()', (environment) => workflowFunctions.failed(environment.scope)),
  builtIn('partial', 'completed()', (environment) => workflowFunctions.completed(environment.scope)),
  builtIn('function', 'json(s)', (environment, given) =>
    workflowFunctions.json(environment.scope, defined(given.value(0)), 'jinja'),
  ),
  builtIn('function', 'zip(*args, **kwargs)', (_, given) =>
    workflowFunctions.zip(given.rest.map(defined), given.named.get('pad') ?? null, 'jinja'),
  ),
  builtIn('function', 'range(*args)', (_, given) => range(given)),
  builtIn('type', 'dict(*args, **kwargs)', (_, given) => madeDict(given)),
  builtIn('type', 'cycler(*items)', (_, given) => cycler(given.rest)),
  builtIn('type', 'joiner(sep=missing)', (_, given) => joiner(given.isMissing(0) ? ', ' : given.value(0))),
  builtIn('type', 'namespace(*args, **kwargs)', (_, given) => namespace(given)),
  builtIn('function', 'lipsum(*args, **kwargs)', () =>
    stop('NotSupported', 'lipsum() makes filler text and is not supported.'),
  ),
  ...st2Functions.map(({ signature, run }): readonly [string, (environment: Environment) => Value] => [
    signature.name,
    (environment) =>
      new Callable('function', signature.name, (given, named) =>
        run(signature.bind(given, named), environment.scope, 'jinja'),
      ),
  ]),
  ['self', () => new Fields('TemplateReference', () => undefined)],
]);

/** What a name means to every template; undefined for a name it does not know. */
export function globalValue(environment: Environment, name: string): Value {
  const make = globals.get(name);
  return make === undefined ? new Undefined(`'${name}' is undefined`) : make(environment);
}

export function isGlobal(name: string): boolean {
  return globals.has(name);
}

/** Calls a value. @throws Failure `TypeError` for what is no function. */
export function callValue(target: Value, given: readonly Value[], named: Named): Value {
  spend();
  const value = defined(target);
  if (value instanceof Callable) return value.call(given, named);
  if (value instanceof Fields && value.call !== null) return value.call(given, named);
  return stop(
    'TypeError',
    `'${isTrue(value) || value !== null ? typeName(value) : 'NoneType'}' object is not callable`,
  );
}

function typeName(value: Value): string {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'list';
  if (value instanceof OtherSequence) return 'tuple';
  return typeof value === 'object' ? 'object' : 'int';
}
