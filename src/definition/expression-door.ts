/** Stands in for the expression room until its door is there. */

import type { Json } from '../base/index.ts';

export interface ExpressionFault {
  readonly language: string | null;
  readonly expression: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly offset: number;
}

export interface Template {
  readonly source: Json;
  readonly constant: boolean;
  readonly faults: readonly ExpressionFault[];
}

export function compile(source: Json): Template {
  return { source, constant: !/<%.*?%>|\{\{.*?\}\}|\{%.*?%\}/.test(JSON.stringify(source)), faults: [] };
}

const reference = /\bctx\(['"]?[\][a-zA-Z0-9_'".()]*['"]?\)\.?[\][a-zA-Z0-9_'".()]*/g;
const variables = [
  /(?<=\bctx\(\)\.)([a-zA-Z0-9_-]+)\b(?!\()\.?/,
  /\bctx\(([a-zA-Z0-9_-]+)\)/,
  /\bctx\('([a-zA-Z0-9_-]+)'\)/,
  /\bctx\("([a-zA-Z0-9_-]+)"\)/,
];

export function referencedVariables(text: string): { language: string; name: string; expression: string }[] {
  const found: { language: string; name: string; expression: string }[] = [];
  for (const [language, pattern] of [
    ['jinja', /\{\{.*?\}\}/g],
    ['yaql', /<%.*?%>/g],
  ] as const) {
    for (const [expression] of text.matchAll(pattern)) {
      for (const [part] of expression.matchAll(reference)) {
        for (const variable of variables) {
          const name = variable.exec(part)?.[1];
          if (name) found.push({ language, name, expression: text });
        }
      }
    }
  }
  return found;
}
