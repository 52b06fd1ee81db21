/** Reads TypeScript as the parsers for it do: the tree has nodes for types, and keys for types on all others. */

import { parseSync } from 'rolldown/utils';

interface Branch {
  type: string;
  start: number;
  end: number;
  range?: readonly [number, number];
  loc?: object;
}

export const typedParser = {
  meta: { name: 'typed', version: '1' },
  parseForESLint(text: string) {
    const { program, errors } = parseSync('file.ts', text);
    if (errors.length > 0) throw new SyntaxError(errors[0]?.message);
    const ast = program as unknown as Branch & { tokens: unknown[]; comments: unknown[] };
    const visitorKeys: { [type: string]: string[] } = {};
    place(ast, placesIn(text), visitorKeys);
    ast.tokens = [];
    ast.comments = [];
    return { ast: ast as never, visitorKeys };
  },
};

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function place(node: Branch, placeOf: (offset: number) => object, visitorKeys: { [type: string]: string[] }): void {
  node.range = [node.start, node.end];
  node.loc = { start: placeOf(node.start), end: placeOf(node.end) };
  const keys = new Set(visitorKeys[node.type]);
  for (const [key, value] of Object.entries(node)) {
    for (const part of [value].flat() as unknown[]) {
      if (!isBranch(part)) continue;
      keys.add(key);
      place(part, placeOf, visitorKeys);
    }
  }
  visitorKeys[node.type] = [...keys];
}

function placesIn(text: string): (offset: number) => object {
  return (offset) => {
    const lines = text.slice(0, offset).split('\n');
    return { line: lines.length, column: lines.at(-1)!.length };
  };
}
