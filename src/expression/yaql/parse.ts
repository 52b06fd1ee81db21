/**
 * YAQL text to its tree, by precedence climbing; the operators and their binding are those of YAQL 3.2.
 *
 * P1. Nesting deeper than `nestingMax` is refused while parsing, so no later stage recurses further.
 */

import { SyntaxFault } from '../syntax-fault.ts';
import type { Syntax } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

export const nestingMax = 120;

/** How tightly a binary operator binds; 1 is tightest. All are left-associative but `->`. */
const binary = new Map<string, number>([
  ['.', 1],
  ['?.', 1],
  ['=~', 4],
  ['!~', 4],
  ['*', 5],
  ['/', 5],
  ['mod', 5],
  ['+', 6],
  ['-', 6],
  ['>', 7],
  ['<', 7],
  ['>=', 7],
  ['<=', 7],
  ['!=', 7],
  ['=', 7],
  ['in', 7],
  ['and', 9],
  ['or', 10],
  ['->', 11],
]);
const unary = new Map<string, number>([
  ['+', 3],
  ['-', 3],
  ['not', 8],
]);
const indexing = 2;
const loosest = 12;
const aliases = new Map([
  ['=', '*equal'],
  ['!=', '*not_equal'],
]);

/** Parses one expression. @throws SyntaxFault */
export function parse(text: string): Syntax {
  const parser = new Parser(tokenize(text));
  const tree = parser.expression(loosest);
  parser.end();
  return tree;
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get token(): Token {
    const token = this.tokens[this.position] as Token;
    if (token.kind === 'fault') throw new SyntaxFault('YaqlLexicalException', token.text, token.offset);
    return token;
  }

  end(): void {
    if (this.token.kind !== 'end') this.unexpected();
  }

  /** An expression whose operators bind more tightly than `limit`. */
  expression(limit: number): Syntax {
    this.descend();
    let left = this.operand();
    let levels = 0;
    for (;;) {
      const { kind, text, offset } = this.token;
      if (kind === 'punctuation' && text === '[' && indexing < limit) {
        this.position++;
        const rest = this.argumentList(']');
        left = { kind: 'call', name: '#indexer', arguments: [left, ...rest], isNamed: false, offset };
      } else {
        const binding = kind === 'operator' ? binary.get(text) : undefined;
        if (binding === undefined || binding >= limit) break;
        this.position++;
        const right = this.expression(text === '->' ? binding + 1 : binding);
        left = {
          kind: 'call',
          name: aliases.get(text) ?? `#operator_${text}`,
          arguments: [left, right],
          isNamed: false,
          offset,
        };
      }
      levels++;
      this.descend();
    }
    this.depth -= levels + 1;
    return left;
  }

  private descend(): void {
    if (++this.depth > nestingMax) {
      throw new SyntaxFault(
        'limit_exceeded',
        `The expression is nested more than ${nestingMax} levels deep; split it with a variable.`,
        this.token.offset,
      );
    }
  }

  private operand(): Syntax {
    const { kind, text, value, offset } = this.token;
    const prefix = kind === 'operator' ? unary.get(text) : undefined;
    if (prefix !== undefined) {
      this.position++;
      const operand = this.expression(prefix + 1);
      return { kind: 'call', name: `#unary_operator_${text}`, arguments: [operand], isNamed: false, offset };
    }
    switch (kind) {
      case 'value':
        this.position++;
        return { kind: 'constant', value, isKeyword: false, offset };
      case 'word':
        this.position++;
        return { kind: 'constant', value, isKeyword: true, offset };
      case 'variable':
        this.position++;
        return { kind: 'variable', name: text === '$' ? '$1' : text, offset };
      case 'call':
        this.position++;
        return {
          kind: 'call',
          name: text.replace(/_+$/, ''),
          arguments: this.argumentList(')'),
          isNamed: true,
          offset,
        };
      case 'punctuation':
        if (text === '(') {
          this.position++;
          const inner = this.expression(loosest);
          this.take(')');
          return { kind: 'wrapped', inner, offset };
        }
        if (text === '[' || text === '{') {
          this.position++;
          const items = this.argumentList(text === '[' ? ']' : '}');
          return { kind: 'call', name: text === '[' ? '#list' : '#map', arguments: items, isNamed: false, offset };
        }
        return this.unexpected();
      default:
        return this.unexpected();
    }
  }

  /** Arguments up to `close`: plain ones, which may be left out but for the last, then `name => value` ones. */
  private argumentList(close: string): Syntax[] {
    const list: Syntax[] = [];
    let isNamed = false;
    if (this.isAt(close)) {
      this.position++;
      return list;
    }
    for (;;) {
      if (this.isAt(',')) {
        if (isNamed) this.unexpected();
        list.push({ kind: 'missing', offset: this.token.offset });
        this.position++;
        if (this.isAt(close)) this.unexpected();
        continue;
      }
      const from = this.token.offset;
      const source = this.expression(loosest);
      if (this.token.kind === 'operator' && this.token.text === '=>') {
        if (!isNamed && list.length > 0 && list.every((item) => item.kind === 'missing')) this.unexpected();
        isNamed = true;
        this.position++;
        list.push({ kind: 'rule', source, destination: this.expression(loosest), offset: from });
      } else if (isNamed) {
        this.unexpected();
      } else {
        list.push(source);
      }
      if (this.isAt(close)) {
        this.position++;
        return list;
      }
      this.take(',');
      if (this.isAt(close)) this.unexpected();
    }
  }

  private isAt(sign: string): boolean {
    return this.token.kind === 'punctuation' && this.token.text === sign;
  }

  private take(sign: string): void {
    if (!this.isAt(sign)) this.unexpected();
    this.position++;
  }

  private unexpected(): never {
    const { kind, text, offset } = this.token;
    if (kind === 'end') {
      throw new SyntaxFault('YaqlGrammarException', 'Parse error: unexpected end of statement', offset);
    }
    const before = this.tokens[this.position - 1];
    const joined = before !== undefined && before.offset + before.text.length === offset ? before.text + text : '';
    const cure =
      joined === '=='
        ? '; write =.'
        : joined === '**'
          ? '; write pow(a, b).'
          : joined === '//'
            ? '; write /, which floors integers.'
            : text === '=>'
              ? '; => stands only between the parts of an argument or a map entry.'
              : text === '('
                ? '; a function is called by its name right before the parenthesis.'
                : '';
    throw new SyntaxFault(
      'YaqlGrammarException',
      `Parse error: unexpected '${text}' at position ${offset}${cure}`,
      offset,
    );
  }
}
