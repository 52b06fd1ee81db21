/**
 * The words of a Jinja text: data between tags, and names, numbers, strings and operators within them.
 *
 * White space is treated as Orquesta configures Jinja: the first line break after a block is dropped, and so is the
 * space before a block that begins its line; `-` strips further, `+` keeps. One trailing line break is dropped.
 */

import { parseInteger } from '../python/arithmetic.ts';
import { float, type Value } from '../python/values.ts';
import { SyntaxFault } from '../syntax-fault.ts';

export type TokenKind =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'number'
  | 'operator'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value: Value;
  readonly offset: number;
}

const opening = /\{(?:\{|%|#)[-+]?/g;
const rawBegin = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const commentEnd = /\+#\}|-#\}\s*|#\}\n?/g;
const variableEnd = /-\}\}\s*|\}\}/y;
const blockEnd = /\+%\}|-%\}\s*|%\}\n?/y;
const blank = /\s+/y;
const floatWord = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const integerWord = /0b(?:_?[0-1])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const nameWord = /[\p{L}\p{N}\p{M}_·]+/uy;
const stringWord = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const operatorWord = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}>=<.:|,;]/y;
const pairs: { readonly [open: string]: string } = { '{': '}', '(': ')', '[': ']' };

/** The words of a whole text. @throws SyntaxFault */
export function tokenizeText(source: string): Token[] {
  return new Lexer(source.replace(/\r\n?/g, '\n').replace(/\n$/, '')).text();
}

/** The words of one expression without delimiters. @throws SyntaxFault */
export function tokenizeExpression(source: string): Token[] {
  return new Lexer(source.replace(/\r\n?/g, '\n').replace(/\n$/, '')).expression();
}

class Lexer {
  private readonly source: string;
  private at = 0;
  private readonly tokens: Token[] = [];
  private lineStarts = true;

  constructor(source: string) {
    this.source = source;
  }

  text(): Token[] {
    while (this.at < this.source.length) {
      opening.lastIndex = this.at;
      const found = opening.exec(this.source);
      if (found === null) {
        this.push('data', this.source.slice(this.at), this.at);
        this.at = this.source.length;
        break;
      }
      this.tag(found);
    }
    this.push('end', '', this.source.length);
    return this.tokens;
  }

  expression(): Token[] {
    this.tag0(variableEnd, 'variable_end', true);
    this.push('end', '', this.source.length);
    return this.tokens;
  }

  private push(kind: TokenKind, text: string, offset: number, value: Value = text): void {
    if (kind === 'data' && text === '') return;
    this.tokens.push({ kind, text, value, offset });
  }

  private fail(message: string, offset = this.at): never {
    throw new SyntaxFault('TemplateSyntaxError', message, offset);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0];
  }

  private tag(found: RegExpExecArray): void {
    const start = found.index;
    const kind = found[0][1];
    const sign = found[0][2] ?? '';
    this.data(start, sign, kind !== '{');
    this.at = start;
    const raw = kind === '%' ? this.match(rawBegin) : undefined;
    if (raw !== undefined) {
      this.raw(raw, start);
      return;
    }
    this.at = start + found[0].length;
    if (kind === '#') {
      commentEnd.lastIndex = this.at;
      const end = commentEnd.exec(this.source);
      if (end === null) this.fail('Missing end of comment tag', start);
      this.at = commentEnd.lastIndex;
      this.lineStarts = end[0].endsWith('\n');
    } else if (kind === '{') {
      this.push('variable_begin', '{{', start);
      this.tag0(variableEnd, 'variable_end', false);
    } else {
      this.push('block_begin', '{%', start);
      this.tag0(blockEnd, 'block_end', false);
    }
  }

  /** The data before a tag, without the white space that the tag strips. */
  private data(end: number, sign: string, strips: boolean): void {
    let text = this.source.slice(this.at, end);
    if (sign === '-') text = text.trimEnd();
    else if (sign !== '+' && strips) {
      const line = text.lastIndexOf('\n') + 1;
      if ((line > 0 || this.lineStarts) && /^\s+$/.test(text.slice(line))) text = text.slice(0, line);
    }
    this.push('data', text, this.at);
  }

  private raw(begin: string, start: number): void {
    this.at = start + begin.length;
    rawEnd.lastIndex = this.at;
    const end = rawEnd.exec(this.source);
    if (end === null) this.fail('Missing end of raw directive', start);
    this.lineStarts = begin.endsWith('\n');
    this.data(end.index, end[1] ?? '', true);
    this.at = rawEnd.lastIndex;
    this.lineStarts = end[0].endsWith('\n');
  }

  /** The inside of a tag up to its end; `toEnd`: up to the end of the source. */
  private tag0(end: RegExp, kind: TokenKind, toEnd: boolean): void {
    const open: string[] = [];
    while (this.at < this.source.length) {
      if (open.length === 0) {
        const closing = this.match(end);
        if (closing !== undefined) {
          this.push(kind, closing, this.at);
          this.at += closing.length;
          this.lineStarts = closing.endsWith('\n');
          if (!toEnd) return;
          continue;
        }
      }
      this.word(open);
    }
  }

  private word(open: string[]): void {
    const { at } = this;
    const skipped = this.match(blank);
    if (skipped !== undefined) {
      this.at += skipped.length;
      return;
    }
    const found = this.constantOrName();
    if (found !== undefined) {
      this.push(found.kind, found.text, at, found.value);
      this.at += found.text.length;
      return;
    }
    const operator = this.match(operatorWord);
    if (operator === undefined) {
      const character = String.fromCodePoint(this.source.codePointAt(at) as number);
      this.fail(`unexpected char ${character === "'" ? `"'"` : `'${character}'`} at ${at}`);
    }
    const closes = pairs[operator];
    if (closes !== undefined) open.push(closes);
    else if (operator === '}' || operator === ')' || operator === ']') {
      const expected = open.pop();
      if (expected === undefined) this.fail(`unexpected '${operator}'`);
      if (expected !== operator) this.fail(`unexpected '${operator}', expected '${expected}'`);
    }
    this.push('operator', operator, at);
    this.at += operator.length;
  }

  private constantOrName(): { kind: 'number' | 'name' | 'string'; text: string; value: Value } | undefined {
    const real = this.match(floatWord);
    if (real !== undefined) return { kind: 'number', text: real, value: float(Number(real.replaceAll('_', ''))) };
    const whole = this.match(integerWord);
    if (whole !== undefined) return { kind: 'number', text: whole, value: parseInteger(whole, 0) ?? 0 };
    const name = this.match(nameWord);
    if (name !== undefined) {
      if (!/^[\p{L}\p{Nl}_]/u.test(name)) this.fail('Invalid character in identifier');
      return { kind: 'name', text: name, value: name };
    }
    const string = this.match(stringWord);
    return string === undefined
      ? undefined
      : { kind: 'string', text: string, value: unescaped(string.slice(1, -1), this.at) };
  }
}

const escapeSequence = /\\(?:\n|U[\s\S]{0,8}|u[\s\S]{0,4}|x[\s\S]{0,2}|[0-7]{1,3}|N(?:\{[^}]*\})?|[\s\S]|$)/g;
const single: { readonly [letter: string]: string } = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unescaped(body: string, offset: number): string {
  if (!body.includes('\\')) return body;
  return body.replace(escapeSequence, (found) => {
    const kind = found[1] ?? '';
    if ('xuU'.includes(kind) && kind !== '') {
      const hex = found.slice(2);
      const wanted = kind === 'x' ? 2 : kind === 'u' ? 4 : 8;
      const code = hex.length === wanted && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
      if (!(code <= 0x10ffff)) throw new SyntaxFault('TemplateSyntaxError', `truncated \\${kind} escape`, offset);
      return String.fromCodePoint(code);
    }
    if (kind === 'N')
      throw new SyntaxFault(
        'TemplateSyntaxError',
        'characters by name are not supported; write \\u and four digits',
        offset,
      );
    if (/[0-7]/.test(kind)) return String.fromCodePoint(Number.parseInt(found.slice(1), 8));
    return single[kind] ?? found;
  });
}
