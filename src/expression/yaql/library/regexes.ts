/** YAQL's functions on regular expressions. */

import { stop } from '../../failure.ts';
import { Dict } from '../../python/dict.ts';
import { type Match, Regex } from '../../python/regex.ts';
import { pointAt } from '../../python/strings.ts';
import { Lazy, OtherSequence, type Value } from '../../python/values.ts';
import type { Frame } from '../frame.ts';
import { type Arguments, type FunctionSpec, specOf } from '../signature.ts';

/** Puts the whole match in `$`, its groups in `$2`, `$3` …, each with `value`, `start` and `end`. */
function publish(frame: Frame, match: Match, text: string, regex: Regex): Frame {
  match.groups.forEach((value, index) => {
    const record = new Dict('yaql');
    record.set('value', value);
    record.set('start', pointAt(text, match.starts[index] as number));
    record.set('end', pointAt(text, match.ends[index] as number));
    frame.set(`$${index + 1}`, record);
  });
  if (regex.names.size > 0) {
    stop(
      'IndexError',
      'a selector cannot be used with a pattern that names its groups; use numbered groups and $2, $3 …',
    );
  }
  return frame;
}

function* searchAll(a: Arguments): Generator<Value> {
  const [regex, text] = [a.regex(0), a.text(1)];
  for (const match of regex.searchAll(text)) {
    yield a.isMissing(2) || (a.value(2) === null && !hasBody(a, 2))
      ? (match.groups[0] as string)
      : a.bodyIn(2, publish(a.frame.child(), match, text, regex));
  }
}

/** A selector was given. */
function hasBody(a: Arguments, index: number): boolean {
  const code = a.code(index);
  return code !== undefined && code !== null;
}

function search(a: Arguments): Value {
  const [regex, text] = [a.regex(0), a.text(1)];
  const match = regex.search(text);
  if (match === null) return null;
  return hasBody(a, 2) ? a.bodyIn(2, publish(a.frame.child(), match, text, regex)) : (match.groups[0] ?? null);
}

function replaceBy(a: Arguments, regex: Regex, text: string): Value {
  return regex.replace(
    text,
    (match) => {
      const value = a.bodyIn(2, publish(a.frame.child(), match, text, regex));
      return typeof value === 'string'
        ? value
        : stop('TypeError', 'expected str instance: the replacement must be text');
    },
    a.int(3),
  );
}

export const regexes: readonly FunctionSpec[] = [
  specOf(
    'function',
    'regex(pattern: string, ignoreCase: bool? = false, multiLine: bool? = false, dotAll: bool? = false)',
    (a) => Regex.of(a.text(0), { ignoreCase: a.bool(1), multiLine: a.bool(2), dotAll: a.bool(3) }),
  ),
  specOf('method', 'matches(regexp: regex, string: string)', (a) => a.regex(0).search(a.text(1)) !== null),
  specOf('method', 'matches(string: string, regexp: string)', (a) => Regex.of(a.text(1)).search(a.text(0)) !== null),
  specOf('function', '#operator_=~(string: string, regexp: regex)', (a) => a.regex(1).search(a.text(0)) !== null),
  specOf(
    'function',
    '#operator_=~(string: string, pattern: string)',
    (a) => Regex.of(a.text(1)).search(a.text(0)) !== null,
  ),
  specOf('function', '#operator_!~(string: string, regexp: regex)', (a) => a.regex(1).search(a.text(0)) === null),
  specOf(
    'function',
    '#operator_!~(string: string, pattern: string)',
    (a) => Regex.of(a.text(1)).search(a.text(0)) === null,
  ),
  specOf('method', 'search(regexp: regex, string: string, selector: body = null)', search),
  specOf('method', 'searchAll(regexp: regex, string: string, selector: body = null)', (a) => new Lazy(searchAll(a))),
  specOf(
    'method',
    'split(regexp: regex, string: string, maxSplit: int = 0)',
    (a) => new OtherSequence(a.regex(0).split(a.text(1), a.int(2))),
  ),
  specOf(
    'method',
    'split(string: string, regexp: regex, maxSplit: int = 0)',
    (a) => new OtherSequence(a.regex(1).split(a.text(0), a.int(2))),
  ),
  specOf('method', 'replace(regexp: regex, string: string, repl: string, count: int = 0)', (a) =>
    a.regex(0).replace(a.text(1), a.regex(0).expander(a.text(2)), a.int(3)),
  ),
  specOf('method', 'replace(string: string, regexp: regex, repl: string, count: int = 0)', (a) =>
    a.regex(1).replace(a.text(0), a.regex(1).expander(a.text(2)), a.int(3)),
  ),
  specOf('method', 'replaceBy(regexp: regex, string: string, repl: body, count: int = 0)', (a) =>
    replaceBy(a, a.regex(0), a.text(1)),
  ),
  specOf('method', 'replaceBy(string: string, regexp: regex, repl: body, count: int = 0)', (a) =>
    replaceBy(a, a.regex(1), a.text(0)),
  ),
  specOf('function', 'escapeRegex(string: string)', (a) =>
    a.text(0).replace(/[-()[\]{}?*+|^$\\.&~# \t\n\r\v\f]/g, '\\$&'),
  ),
  specOf('function', 'isRegex(value: any)', (a) => a.value(0) instanceof Regex),
];
