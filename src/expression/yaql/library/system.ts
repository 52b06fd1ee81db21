/** YAQL's own machinery as functions: contexts, `let`, `def`, `call`, the dot and the arrow; and Orquesta's functions. */

import { enter, leave } from '../../budget.ts';
import { stop } from '../../failure.ts';
import { entriesOf } from '../../python/dict.ts';
import { isSetLike, isTrue } from '../../python/order.ts';
import { isSequence, type Value } from '../../python/values.ts';
import { workflowFunctions } from '../../workflow-functions.ts';
import { Code } from '../code.ts';
import { call } from '../dispatch.ts';
import type { Frame } from '../frame.ts';
import { type Arguments, type FunctionSpec, isIterator, iterate, specOf } from '../signature.ts';
import { memorize } from './queries.ts';

function letAll(a: Arguments): Frame {
  const { context } = a;
  a.rest.forEach((value, index) => {
    context.set(`$${index + 1}`, value);
  });
  for (const [name] of a.named) context.set(name, a.namedValue(name) as Value);
  return context;
}

function unpack(a: Arguments): Frame {
  const { context } = a;
  const names = a.rest as readonly string[];
  const values: Value[] = [];
  // Without names YAQL looks at one element first, and only a list or set still has it then.
  let isGone = names.length === 0 && !isSequence(a.value(0)) && !isSetLike(a.value(0));
  for (const value of iterate(a.value(0))) {
    if (isGone) {
      isGone = false;
      continue;
    }
    values.push(value);
    if (names.length > 0 && values.length > names.length) break;
  }
  if (names.length > 0 && values.length !== names.length) {
    stop('ValueError', `Cannot unpack ${values.length} elements into ${names.length}`);
  }
  values.forEach((value, index) => {
    context.set(names[index] ?? `$${index + 1}`, value);
  });
  return context;
}

function define(a: Arguments): Frame {
  const { context } = a;
  const body = a.code(1);
  const spec = specOf('function', 'defined(*args: any, **kwargs: any)', (given) => {
    enter();
    const frame = a.frame.childWith(given.rest);
    for (const [name] of given.named) frame.set(name, given.namedValue(name) as Value);
    const value = body instanceof Code ? body.run(undefined, frame) : (body as Value);
    leave();
    return value;
  });
  const { isFunction, isMethod, noKeywords, parameters, rest, keywords, run } = spec;
  context.define({ name: a.text(0), isFunction, isMethod, noKeywords, parameters, rest, keywords, run });
  return context;
}

function assertThat(a: Arguments): Value {
  const value = isIterator(a.value(0)) ? memorize(a.value(0)) : a.value(0);
  return isTrue(a.lambda(1)(value)) ? value : stop('AssertionError', a.isMissing(2) ? 'Assertion failed' : a.text(2));
}

function callByName(a: Arguments): Value {
  const given: (Value | Code)[] = [...iterate(a.value(1))];
  for (const [name, value] of entriesOf(a.map(2))) {
    if (typeof name !== 'string') continue;
    const constant = (held: Value, isKeyword: boolean): Code =>
      new Code('constant', () => held, { value: held, isKeyword });
    given.push(new Code('rule', () => null, { source: constant(name, true), destination: constant(value, false) }));
  }
  return call(a.text(0), a.isMissing(3) ? undefined : a.value(3), given, a.frame);
}

export const system: readonly FunctionSpec[] = [
  specOf('function', '#operator_.(receiver: any, expr: named)', (a) => a.code(1).run(a.value(0), a.frame)),
  specOf('function', '#operator_?.(receiver: any, expr: expression)', (a) =>
    a.value(0) === null ? null : call('#operator_.', undefined, [a.value(0), a.code(1)], a.frame),
  ),
  specOf('method', 'unpack(sequence: iterable, *args: string)', unpack),
  specOf('function', 'with(*args: any)', letAll),
  specOf('function', 'let(*args: any, **kwargs: any)', letAll),
  specOf('function', 'def(name: string, func: body)', define),
  specOf('function', '#operator_->(left: context, right: body)', (a) => a.bodyIn(1, a.value(0) as Frame)),
  specOf('method', 'assert(obj: any, condition: lambda, message: string = missing)', (a) => assertThat(a)),
  specOf('function', 'call(name: string, args: sequence, kwargs: dict, receiver: any = missing)', callByName),

  specOf('function', 'ctx(key: any = null)', (a) => workflowFunctions.ctx(a.frame.scope, a.value(0))),
  specOf('function', 'item(key: any = null)', (a) => workflowFunctions.item(a.frame.scope, a.value(0), 'yaql')),
  specOf('function', 'result()', (a) => workflowFunctions.result(a.frame.scope)),
  specOf('function', 'task_status(taskId: any, route: any = null)', (a) =>
    workflowFunctions.taskStatus(a.frame.scope, a.value(0), a.value(1)),
  ),
  specOf('function', 'task(taskId: any = null, route: any = null)', (a) =>
    workflowFunctions.taskDetails(a.frame.scope, a.value(0), a.value(1)),
  ),
  specOf('function', 'succeeded()', (a) => workflowFunctions.succeeded(a.frame.scope)),
  specOf('function', 'failed()', (a) => workflowFunctions.failed(a.frame.scope)),
  specOf('function', 'completed()', (a) => workflowFunctions.completed(a.frame.scope)),
  specOf('function', 'json(s: any)', (a) => workflowFunctions.json(a.frame.scope, a.value(0), 'yaql')),
  specOf('function', 'zip(*args: any, **kwargs: any)', (a) =>
    workflowFunctions.zip(a.rest, a.namedValue('pad') ?? null, 'yaql'),
  ),
];
