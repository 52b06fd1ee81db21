/**
 * The variables a text refers to, as Orquesta's static check sees them: `ctx().x`, `ctx(x)`, `ctx('x')`, `ctx("x")`
 * written out inside an expression. `ctx().get('x')` and `ctx()['x']` are not seen, as there.
 */

import { findSpans, inner, type Language } from './delimiters.ts';

export interface VariableReference {
  readonly language: Language;
  readonly name: string;
  /** The text that was searched. */
  readonly expression: string;
}

const reference = '[\\]\\[a-zA-Z0-9_\'".()]*';
const mention = new RegExp(`(?<![\\p{L}\\p{N}_])ctx\\(['"]?${reference}['"]?\\)\\.?${reference}`, 'gu');
const name = '[a-zA-Z0-9_-]+';
const shapes = [
  new RegExp(`(?<=(?<![\\p{L}\\p{N}_])ctx\\(\\)\\.)(${name})(?![\\p{L}\\p{N}_])(?<=[\\p{L}\\p{N}_])(?!\\()\\.?`, 'u'),
  new RegExp(`(?<![\\p{L}\\p{N}_])ctx\\((${name})\\)`, 'u'),
  new RegExp(`(?<![\\p{L}\\p{N}_])ctx\\('(${name})'\\)`, 'u'),
  new RegExp(`(?<![\\p{L}\\p{N}_])ctx\\("(${name})"\\)`, 'u'),
];
const spanMax = 6000;

/** Every variable once, sorted by name. */
export function referencedVariables(text: string): VariableReference[] {
  const found = new Map<string, VariableReference>();
  const languages = [
    ['jinja', '{{', '}}', '{}'],
    ['yaql', '<%', '%>', '<%>'],
  ] as const;
  for (const [language, open, close, delimiters] of languages) {
    if (!text.includes('ctx(')) continue;
    for (const span of findSpans(text, open, close)) {
      const expression = inner(span.text, delimiters).text.slice(0, spanMax);
      for (const [mentioned] of expression.matchAll(mention)) {
        for (const shape of shapes) {
          const variable = shape.exec(mentioned.trim())?.[1];
          if (variable !== undefined && variable !== '')
            found.set(`${language} ${variable}`, { language, name: variable, expression: text });
        }
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
