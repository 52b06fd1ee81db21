/** Python's `pprint.pformat`: one line where it fits in 80 characters, else one element a line. */

import { deeper } from '../budget.ts';
import { entriesOf, isMapping } from '../python/dict.ts';
import { sortedMembers } from '../python/order.ts';
import { reprOf } from '../python/text.ts';
import { elements, isSequence, OtherSequence, type Value } from '../python/values.ts';

const width = 80;

export function pretty(value: Value): string {
  return lines(value, 0, 0);
}

function sortedPairs(value: Value): readonly (readonly [Value, Value])[] {
  const pairs = isMapping(value) ? [...entriesOf(value)] : [];
  const keys = sortedMembers(
    pairs.map(([key]) => key),
    'jinja',
  );
  return keys.map((key) => pairs.find((pair) => pair[0] === key) as [Value, Value]);
}

/** In one line, maps sorted by key. */
function flat(value: Value): string {
  return deeper(() => {
    if (isMapping(value))
      return `{${sortedPairs(value)
        .map(([key, item]) => `${flat(key)}: ${flat(item)}`)
        .join(', ')}}`;
    if (!isSequence(value)) return reprOf(value, 'jinja');
    const items = elements(value).map(flat);
    const isTuple = value instanceof OtherSequence;
    return isTuple ? `(${items.join(', ')}${items.length === 1 ? ',' : ''})` : `[${items.join(', ')}]`;
  });
}

function lines(value: Value, indent: number, allowance: number): string {
  return deeper(() => {
    const one = flat(value);
    if (one.length <= width - indent - allowance) return one;
    if (isMapping(value)) {
      const pairs = sortedPairs(value);
      const parts = pairs.map(([key, item], index) => {
        const name = flat(key);
        return `${name}: ${lines(item, indent + 1 + name.length + 2, index === pairs.length - 1 ? allowance + 1 : 1)}`;
      });
      return `{${parts.join(`,\n${' '.repeat(indent + 1)}`)}}`;
    }
    if (!isSequence(value)) return one;
    const items = elements(value);
    const isTuple = value instanceof OtherSequence;
    const close = isTuple ? (items.length === 1 ? ',)' : ')') : ']';
    const parts = items.map((item, index) =>
      lines(item, indent + 1, index === items.length - 1 ? allowance + close.length : 1),
    );
    return `${isTuple ? '(' : '['}${parts.join(`,\n${' '.repeat(indent + 1)}`)}${close}`;
  });
}
