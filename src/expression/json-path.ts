/** JSONPath as workflows use it: `a.b`, `$.a`, `['a b']`, `[0]`, `[-1]`, `[0:2]`, `[*]`, `*` and `..name`. */

import { deeper, spend } from './budget.ts';
import { stop } from './failure.ts';
import { entriesOf, isMapping, lookUp } from './python/dict.ts';
import { elements, isSequence, type Value } from './python/values.ts';

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend' };

const word =
  /\$|\.\.|\.|\[\s*(?:'([^']*)'|"([^"]*)"|(-?\d+)|(-?\d+)?:(-?\d+)?|(\*))\s*\]|(\*)|'([^']*)'|"([^"]*)"|([\p{L}\p{N}_-]+)/uy;

/** What the path finds, in the order of the data. @throws Failure `JsonPathParserError` */
export function queryPath(value: Value, path: string): Value[] {
  return stepsOf(path).reduce<Value[]>((found, step) => found.flatMap((one) => take(one, step)), [value]);
}

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < path.length) {
    word.lastIndex = at;
    const match = word.exec(path);
    if (match === null) return stop('JsonPathParserError', `the path cannot be read at ${at}: '${path}'`);
    at = word.lastIndex;
    const [whole, single, double, index, from, to, star, bareStar, quotedSingle, quotedDouble, bare] = match;
    const name = single ?? double ?? quotedSingle ?? quotedDouble ?? bare;
    if (whole === '..') steps.push({ kind: 'descend' });
    else if (name !== undefined) steps.push({ kind: 'name', name });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else if (star !== undefined || bareStar !== undefined) steps.push({ kind: 'all' });
    else if (whole.startsWith('['))
      steps.push({
        kind: 'slice',
        from: from === undefined ? null : Number(from),
        to: to === undefined ? null : Number(to),
      });
  }
  return steps;
}

function take(value: Value, step: Step): readonly Value[] {
  spend();
  switch (step.kind) {
    case 'name': {
      const found = isMapping(value) ? lookUp(value, step.name, 'jinja') : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      if (!isSequence(value)) return [];
      const found = elements(value).at(step.index);
      return found === undefined ? [] : [found];
    }
    case 'slice':
      return isSequence(value) ? elements(value).slice(step.from ?? 0, step.to ?? undefined) : [];
    case 'all':
      return children(value);
    case 'descend':
      return descendants(value);
  }
}

function children(value: Value): readonly Value[] {
  if (isSequence(value)) return elements(value);
  return isMapping(value) ? [...entriesOf(value)].map(([, item]) => item) : [];
}

function descendants(value: Value): readonly Value[] {
  spend();
  return [value, ...deeper(() => children(value).flatMap(descendants))];
}
