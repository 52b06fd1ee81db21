/**
 * The words of a YAQL expression. One pass over the text, linear time; a word that fits nowhere is a `SyntaxFault`
 * that says what to write instead where that can be told.
 */

import { parseInteger, parseReal } from '../python/arithmetic.ts';
import { float, type Value } from '../python/values.ts';
import { SyntaxFault } from '../syntax-fault.ts';

export type TokenKind = 'fault' | 'value' | 'word' | 'call' | 'variable' | 'operator' | 'punctuation' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The name, the operator or the sign itself. */
  readonly text: string;
  /** The constant of a `value`. */
  readonly value: Value;
  readonly offset: number;
}

const wordOperators = new Set(['mod', 'in', 'not', 'and', 'or']);
const constants = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const space = /[ \t\r\n]+/y;
const variable = /\$[\p{L}\p{N}_]*/uy;
const number = /\p{Nd}+(?:\.?\p{Nd}+)?(?![\p{L}\p{N}_])/uy;
const name = /(?!\p{Nd})[\p{L}\p{N}_]+/uy;
const string = /'(?:[^'\\]|\\[^\n])*'|"(?:[^"\\]|\\[^\n])*"|`(?:[^`\\]|\\[^\n])*`/y;
const operator = /\?\.|=~|!~|->|=>|>=|<=|!=|[.+\-*/<>=]/y;
const wordCharacter = /[\p{L}\p{N}_]/u;

/** Splits `text`. The first character that begins no word gives a `fault` and ends it: an earlier mistake is reported first. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: TokenKind, length: number, shown: string, value: Value = null): void => {
    tokens.push({ kind, text: shown, value, offset: at });
    at += length;
  };
  while (at < text.length) {
    const blank = match(space);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const afterWord = at > 0 && wordCharacter.test(text[at - 1] as string);
    const dollar = match(variable);
    if (dollar !== undefined) {
      push('variable', dollar.length, dollar);
      continue;
    }
    if (!afterWord) {
      const digits = match(number);
      if (digits !== undefined) {
        const value = digits.includes('.')
          ? float(parseReal(digits) ?? Number.NaN)
          : (parseInteger(digits, 10) ?? Number.NaN);
        push('value', digits.length, digits, value);
        continue;
      }
      const word = match(name);
      if (word !== undefined) {
        if (text[at + word.length] === '(') {
          push('call', word.length + 1, word);
          continue;
        }
        if (!word.startsWith('__')) {
          if (wordOperators.has(word)) push('operator', word.length, word);
          else if (constants.has(word)) push('value', word.length, word, constants.get(word) as Value);
          else push('word', word.length, word, word);
          continue;
        }
      }
    }
    const quoted = match(string);
    if (quoted !== undefined) {
      push('value', quoted.length, quoted, unquoted(quoted, at));
      continue;
    }
    const sign = match(operator);
    if (sign !== undefined) {
      push('operator', sign.length, sign);
      continue;
    }
    if ('()],}[{'.includes(text[at] as string)) {
      push('punctuation', 1, text[at] as string);
      continue;
    }
    push('fault', 0, illegal(text, at));
    return tokens;
  }
  tokens.push({ kind: 'end', text: '', value: null, offset: text.length });
  return tokens;
}

/** The message for a character no word begins with, with the cure where it is known. */
function illegal(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  const found = `Lexical error: illegal character '${character}' at position ${at}`;
  const rest = text.slice(at);
  if (rest.startsWith('||')) return `${found}; write or.`;
  if (rest.startsWith('&&')) return `${found}; write and.`;
  if (character === '!') return `${found}; write not.`;
  if (character === '%') return `${found}; write mod for the remainder.`;
  if (character === '^') return `${found}; write pow(a, b).`;
  if (character === ':')
    return `${found}; write => between key and value, and .substring() or .skip().limit() for a slice.`;
  if (character === '|') return `${found}; YAQL has no filters, write a method call: value.name().`;
  if (character === "'" || character === '"' || character === '`') return `${found}; this quote is never closed.`;
  if (rest.startsWith('__')) return `${found}; names that begin with __ are private.`;
  if (/^\d/.test(rest))
    return `${found}; a number is digits with an optional fraction, without exponent, and a name begins with a letter.`;
  return `${found}.`;
}

const escapeSequence = /\\(?:U[^\n]{8}|u[^\n]{4}|x[^\n]{2}|[0-7]{1,3}|N\{[^}]+\}|[\\'"abfnrtv])/g;
const single: { readonly [letter: string]: string } = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unquoted(source: string, offset: number): string {
  const body = source.slice(1, -1);
  if (source.startsWith('`')) return body.replaceAll('\\`', '`');
  if (!body.includes('\\')) return body;
  return body.replace(escapeSequence, (found, position: number) => {
    const kind = found[1] as string;
    if ('xuU'.includes(kind)) {
      const hex = found.slice(2);
      const code = /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
      if (!(code <= 0x10ffff)) {
        throw new SyntaxFault(
          'UnicodeDecodeError',
          `${found} is not a character; write ${found.slice(0, 2)} and hexadecimal digits.`,
          offset + 1 + position,
        );
      }
      return String.fromCodePoint(code);
    }
    if (kind === 'N') {
      throw new SyntaxFault(
        'UnicodeDecodeError',
        'Characters by name are not supported; write \\u and four hexadecimal digits.',
        offset + 1 + position,
      );
    }
    if (/[0-7]/.test(kind)) return String.fromCodePoint(Number.parseInt(found.slice(1), 8));
    return single[kind] ?? kind;
  });
}
