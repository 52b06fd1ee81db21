/** The standard library, registered once. */

import type { Value } from '../../python/values.ts';
import { st2Functions } from '../../st2-functions.ts';
import { register } from '../dispatch.ts';
import { type FunctionSpec, specOf } from '../signature.ts';
import { collections } from './collections.ts';
import { dates } from './dates.ts';
import { numbers } from './numbers.ts';
import { queries } from './queries.ts';
import { regexes } from './regexes.ts';
import { strings } from './strings.ts';
import { system } from './system.ts';

for (const functions of [collections, dates, numbers, queries, regexes, strings, system]) register(functions);

/** StackStorm's functions, whose named arguments YAQL spells in camel case. */
const st2: readonly FunctionSpec[] = st2Functions.map(({ signature, run }) =>
  specOf('function', `${signature.name}(*args: any, **kwargs: any)`, (a) => {
    const named = new Map<string, Value>();
    for (const [name] of a.named) named.set(snakeCase(name), a.namedValue(name) as Value);
    return run(signature.bind(a.rest, named), a.frame.scope, 'yaql');
  }),
);

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

register(st2);
