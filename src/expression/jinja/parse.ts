/**
 * Jinja text to its tree, by recursive descent, with the grammar of Jinja 3.1.
 *
 * P1. Nesting deeper than `nestingMax` is refused while parsing, so no later stage recurses further.
 */

import { SyntaxFault } from '../syntax-fault.ts';
import type { Expression, Given, Parameter, Statement, Target } from './syntax.ts';
import { type Token, tokenizeExpression, tokenizeText } from './tokens.ts';

export const nestingMax = 100;

/** @throws SyntaxFault */
export function parseText(source: string): readonly Statement[] {
  const parser = new Parser(tokenizeText(source));
  return parser.statements(null);
}

/** @throws SyntaxFault */
export function parseExpression(source: string): Expression {
  const parser = new Parser(tokenizeExpression(source));
  const expression = parser.expression();
  parser.end();
  return expression;
}

const comparisons = new Set(['==', '!=', '<', '>', '<=', '>=']);
const noArguments: Given = { positional: [], named: [], more: null, moreNamed: null };
const cures: { readonly [sign: string]: string } = {
  '=': '; write == to compare',
  '&': '; write and',
  '!': '; write not',
};

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;
  private readonly expected: (readonly string[])[] = [];
  private readonly open: string[] = [];
  private readonly blocks = new Set<string>();

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get token(): Token {
    return this.tokens[this.position] as Token;
  }

  private fail(message: string, token = this.token, cause = 'TemplateSyntaxError'): never {
    throw new SyntaxFault(cause, message, token.offset);
  }

  private describe({ kind, text }: Token): string {
    if (kind === 'end') return 'end of template';
    if (kind === 'variable_end') return 'end of print statement';
    if (kind === 'block_end') return 'end of statement block';
    return text;
  }

  private isOperator(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text;
  }

  private isName(text: string, ahead = 0): boolean {
    const token = this.tokens[this.position + ahead];
    return token?.kind === 'name' && token.text === text;
  }

  private skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.position++;
    return true;
  }

  private skipName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.position++;
    return true;
  }

  private expect(kind: Token['kind'], text?: string): Token {
    const { token } = this;
    if (token.kind !== kind || (text !== undefined && token.text !== text)) {
      const wanted = text ?? this.describe({ kind, text: kind, value: null, offset: 0 });
      if (token.kind === 'end') this.fail(`unexpected end of template, expected '${wanted}'.`);
      this.fail(`expected token '${wanted}', got '${this.describe(token)}'${cures[token.text] ?? ''}`);
    }
    this.position++;
    return token;
  }

  private nested<T>(work: () => T): T {
    if (++this.depth > nestingMax) {
      throw new SyntaxFault(
        'limit_exceeded',
        `The expression is nested more than ${nestingMax} levels deep; split it with {% set %}.`,
        this.token.offset,
      );
    }
    const result = work();
    this.depth--;
    return result;
  }

  end(): void {
    if (this.token.kind !== 'end')
      this.fail(`chunk after expression: '${this.describe(this.token)}'${cures[this.token.text] ?? ''}`);
  }

  // Statements

  /** Statements up to a tag of `endings`, which stays the current token; null: up to the end of the text. */
  statements(endings: readonly string[] | null): Statement[] {
    return this.nested(() => {
      const body: Statement[] = [];
      if (endings) this.expected.push(endings);
      for (;;) {
        const { token } = this;
        if (token.kind === 'end') {
          if (endings) this.unknownTag(null);
          break;
        }
        this.position++;
        if (token.kind === 'data') body.push({ kind: 'data', text: token.text });
        else if (token.kind === 'variable_begin') {
          body.push({ kind: 'print', expression: this.tuple() });
          this.expect('variable_end');
        } else {
          if (endings && this.token.kind === 'name' && endings.includes(this.token.text)) break;
          body.push(...this.statement());
          this.expect('block_end');
        }
      }
      if (endings) this.expected.pop();
      return body;
    });
  }

  private body(endings: readonly string[]): Statement[] {
    this.skipOperator(':');
    this.expect('block_end');
    return this.statements(endings);
  }

  private closedBody(ending: string): Statement[] {
    const body = this.body([ending]);
    this.position++;
    return body;
  }

  private unknownTag(name: string | null): never {
    const parts = [name === null ? 'Unexpected end of template.' : `Encountered unknown tag '${name}'.`];
    const looking = this.expected
      .at(-1)
      ?.map((word) => `'${word}'`)
      .join(' or ');
    if (looking !== undefined) {
      parts.push(
        name !== null && this.expected.some((words) => words.includes(name))
          ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${looking}.`
          : `Jinja was looking for the following tags: ${looking}.`,
      );
    }
    const innermost = this.open.at(-1);
    if (innermost !== undefined) parts.push(`The innermost block that needs to be closed is '${innermost}'.`);
    this.fail(parts.join(' '));
  }

  private statement(): Statement[] {
    const { token } = this;
    if (token.kind !== 'name') this.fail('tag name expected');
    const parse = this.parsers[token.text];
    if (!Object.hasOwn(this.parsers, token.text) || parse === undefined) this.unknownTag(token.text);
    this.open.push(token.text);
    this.position++;
    const statements = parse();
    this.open.pop();
    return statements;
  }

  private readonly parsers: { readonly [tag: string]: () => Statement[] } = {
    if: () => [this.ifStatement()],
    for: () => [this.forStatement()],
    set: () => [this.setStatement()],
    with: () => [this.withStatement()],
    macro: () => {
      const name = this.expect('name').text;
      const parameters = this.parameters();
      return [{ kind: 'macro', name: this.assignable(name), parameters, body: this.closedBody('endmacro') }];
    },
    call: () => {
      const parameters = this.isOperator('(') ? this.parameters() : [];
      const call = this.expression();
      if (call.kind !== 'call') this.fail('expected call');
      return [{ kind: 'callBlock', call, parameters, body: this.closedBody('endcall') }];
    },
    filter: () => {
      const filter = this.filters(null, true) as Expression;
      return [{ kind: 'filterBlock', filter, body: this.closedBody('endfilter') }];
    },
    block: () => [this.blockStatement()],
    print: () => {
      const printed: Statement[] = [];
      while (this.token.kind !== 'block_end') {
        if (printed.length > 0) this.expect('operator', ',');
        printed.push({ kind: 'print', expression: this.expression() });
      }
      return printed;
    },
    autoescape: () => [{ kind: 'autoescape', setting: this.expression(), body: this.closedBody('endautoescape') }],
    extends: () => this.load('extends'),
    include: () => this.load('include'),
    import: () => {
      const statements = this.load('import');
      this.expect('name', 'as');
      this.expect('name');
      return statements;
    },
    from: () => {
      const statements = this.load('from');
      this.expect('name', 'import');
      while (this.token.kind !== 'block_end' && this.token.kind !== 'end') this.position++;
      return statements;
    },
  };

  private load(tag: string): Statement[] {
    this.expression();
    if (tag === 'include') {
      if (this.isName('ignore') && this.isName('missing', 1)) this.position += 2;
      if ((this.isName('with') || this.isName('without')) && this.isName('context', 1)) this.position += 2;
    }
    return [{ kind: 'load', tag }];
  }

  private ifStatement(): Statement {
    const branches: { test: Expression; body: readonly Statement[] }[] = [];
    let otherwise: readonly Statement[] = [];
    for (;;) {
      const test = this.tuple({ withCondition: false });
      branches.push({ test, body: this.body(['elif', 'else', 'endif']) });
      const ending = this.expect('name').text;
      if (ending === 'elif') continue;
      if (ending === 'else') otherwise = this.closedBody('endif');
      return { kind: 'if', branches, otherwise };
    }
  }

  private forStatement(): Statement {
    const target = this.target(['in']);
    this.expect('name', 'in');
    const items = this.tuple({ withCondition: false, endings: ['recursive'] });
    const test = this.skipName('if') ? this.expression() : null;
    const isRecursive = this.skipName('recursive');
    const body = this.body(['endfor', 'else']);
    const otherwise = this.expect('name').text === 'else' ? this.closedBody('endfor') : [];
    return { kind: 'for', target, items, test, isRecursive, body, otherwise };
  }

  private setStatement(): Statement {
    let target: Target;
    const next = this.tokens[this.position + 1];
    if (next?.kind === 'operator' && next.text === '.') {
      const name = this.expect('name').text;
      this.position++;
      target = { kind: 'field', name, field: this.expect('name').text };
    } else target = this.target([]);
    if (this.skipOperator('=')) return { kind: 'set', target, value: this.tuple() };
    const filter = this.isOperator('|') ? this.filters(null, false) : null;
    return { kind: 'setBlock', target, filter, body: this.closedBody('endset') };
  }

  private withStatement(): Statement {
    const targets: Target[] = [];
    const values: Expression[] = [];
    while (this.token.kind !== 'block_end') {
      if (targets.length > 0) this.expect('operator', ',');
      targets.push(this.target([]));
      this.expect('operator', '=');
      values.push(this.expression());
    }
    return { kind: 'with', targets, values, body: this.closedBody('endwith') };
  }

  private blockStatement(): Statement {
    const token = this.expect('name');
    const name = token.text;
    const isScoped = this.skipName('scoped');
    const isRequired = this.skipName('required');
    if (this.isOperator('-')) this.fail('Block names may not contain hyphens, use an underscore instead.');
    if (this.blocks.has(name)) this.fail(`block '${name}' defined twice`, token, 'TemplateAssertionError');
    this.blocks.add(name);
    const body = this.closedBody('endblock');
    if (isRequired && body.some((part) => part.kind !== 'data' || part.text.trim() !== '')) {
      this.fail('Required blocks can only contain comments or whitespace');
    }
    this.skipName(name);
    return { kind: 'block', name, isScoped, body };
  }

  private parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    this.expect('operator', '(');
    while (!this.isOperator(')')) {
      if (parameters.length > 0) this.expect('operator', ',');
      const name = this.assignable(this.expect('name').text);
      if (this.skipOperator('=')) parameters.push({ name, default: this.expression() });
      else if (parameters.some((parameter) => parameter.default !== null))
        this.fail('non-default argument follows default argument');
      else parameters.push({ name, default: null });
    }
    this.position++;
    return parameters;
  }

  private assignable(name: string): string {
    return ['true', 'false', 'none', 'True', 'False', 'None'].includes(name)
      ? this.fail(`can't assign to '${name}'`)
      : name;
  }

  private target(endings: readonly string[]): Target {
    return this.targetOf(this.tuple({ simplified: true, endings }));
  }

  private targetOf(expression: Expression): Target {
    if (expression.kind === 'name') return { kind: 'name', name: this.assignable(expression.name) };
    if (expression.kind === 'tuple')
      return { kind: 'tuple', items: expression.items.map((item) => this.targetOf(item)) };
    return this.fail(`can't assign to '${expression.kind === 'constant' ? 'const' : expression.kind}'`);
  }

  // Expressions

  expression(withCondition = true): Expression {
    return this.nested(() => (withCondition ? this.condition() : this.or()));
  }

  private condition(): Expression {
    let expression = this.or();
    while (this.skipName('if')) {
      const test = this.or();
      const otherwise = this.skipName('else') ? this.nested(() => this.condition()) : null;
      expression = { kind: 'condition', test, value: expression, otherwise };
    }
    return expression;
  }

  /** Left-associative operators of one level; a long chain counts as nesting, for it is evaluated as such. */
  private chain(next: () => Expression, operatorAt: () => string | null): Expression {
    let left = next();
    let levels = 0;
    for (;;) {
      const operator = operatorAt();
      if (operator === null) break;
      if (++levels + this.depth > nestingMax) this.nested(() => this.tooLong());
      left = { kind: 'binary', operator, left, right: next() };
    }
    return left;
  }

  private tooLong(): never {
    throw new SyntaxFault(
      'limit_exceeded',
      `A chain of more than ${nestingMax} operators; split it with {% set %}.`,
      this.token.offset,
    );
  }

  private or(): Expression {
    return this.chain(
      () => this.and(),
      () => (this.skipName('or') ? 'or' : null),
    );
  }

  private and(): Expression {
    return this.chain(
      () => this.not(),
      () => (this.skipName('and') ? 'and' : null),
    );
  }

  private not(): Expression {
    if (!this.skipName('not')) return this.compare();
    return this.nested(() => ({ kind: 'unary', operator: 'not', operand: this.not() }));
  }

  private compare(): Expression {
    const first = this.sum();
    const rest: { operator: string; operand: Expression }[] = [];
    for (;;) {
      const { kind, text } = this.token;
      if (kind === 'operator' && comparisons.has(text)) {
        this.position++;
        rest.push({ operator: text, operand: this.sum() });
      } else if (this.skipName('in')) rest.push({ operator: 'in', operand: this.sum() });
      else if (this.isName('not') && this.isName('in', 1)) {
        this.position += 2;
        rest.push({ operator: 'not in', operand: this.sum() });
      } else break;
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  private oneOf(...signs: readonly string[]): string | null {
    const { kind, text } = this.token;
    if (kind !== 'operator' || !signs.includes(text)) return null;
    this.position++;
    return text;
  }

  private sum(): Expression {
    return this.chain(
      () => this.concatenation(),
      () => this.oneOf('+', '-'),
    );
  }

  private concatenation(): Expression {
    const items = [this.product()];
    while (this.skipOperator('~')) items.push(this.product());
    return items.length === 1 ? (items[0] as Expression) : { kind: 'concat', items };
  }

  private product(): Expression {
    return this.chain(
      () => this.power(),
      () => this.oneOf('*', '/', '//', '%'),
    );
  }

  private power(): Expression {
    return this.chain(
      () => this.unary(),
      () => this.oneOf('**'),
    );
  }

  private unary(withFilter = true): Expression {
    const sign = this.oneOf('-', '+');
    let expression: Expression =
      sign === null
        ? this.primary()
        : this.nested(() => ({ kind: 'unary', operator: sign as '-' | '+', operand: this.unary(false) }));
    expression = this.postfix(expression);
    return withFilter ? this.filterExpression(expression) : expression;
  }

  private primary(): Expression {
    const { token } = this;
    switch (token.kind) {
      case 'name':
        this.position++;
        return this.nameOrConstant(token.text);
      case 'string': {
        let text = '';
        while (this.token.kind === 'string') {
          text += this.token.value as string;
          this.position++;
        }
        return { kind: 'constant', value: text };
      }
      case 'number':
        this.position++;
        return { kind: 'constant', value: token.value };
      case 'operator':
        if (token.text === '(') {
          this.position++;
          const inner = this.nested(() => this.tuple({ inParentheses: true }));
          this.expect('operator', ')');
          return inner;
        }
        if (token.text === '[') return { kind: 'list', items: this.items() };
        if (token.text === '{') return this.dict();
        break;
      default:
        break;
    }
    return this.fail(`unexpected '${this.describe(token)}'${cures[token.text] ?? ''}`);
  }

  private nameOrConstant(name: string): Expression {
    if (name === 'true' || name === 'True') return { kind: 'constant', value: true };
    if (name === 'false' || name === 'False') return { kind: 'constant', value: false };
    if (name === 'none' || name === 'None') return { kind: 'constant', value: null };
    return { kind: 'name', name };
  }

  private items(): Expression[] {
    const items: Expression[] = [];
    this.expect('operator', '[');
    while (!this.isOperator(']')) {
      if (items.length > 0) this.expect('operator', ',');
      if (this.isOperator(']')) break;
      items.push(this.expression());
    }
    this.expect('operator', ']');
    return items;
  }

  private dict(): Expression {
    const pairs: [Expression, Expression][] = [];
    this.expect('operator', '{');
    while (!this.isOperator('}')) {
      if (pairs.length > 0) this.expect('operator', ',');
      if (this.isOperator('}')) break;
      const key = this.expression();
      this.expect('operator', ':');
      pairs.push([key, this.expression()]);
    }
    this.expect('operator', '}');
    return { kind: 'dict', pairs };
  }

  private tuple(
    options: {
      simplified?: boolean;
      withCondition?: boolean;
      endings?: readonly string[];
      inParentheses?: boolean;
    } = {},
  ): Expression {
    const { simplified = false, withCondition = true, endings = [], inParentheses = false } = options;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.expect('operator', ',');
      const { kind, text } = this.token;
      if (
        kind === 'variable_end' ||
        kind === 'block_end' ||
        this.isOperator(')') ||
        (kind === 'name' && endings.includes(text))
      )
        break;
      items.push(simplified ? this.primary() : this.expression(withCondition));
      if (!this.isOperator(',')) break;
      isTuple = true;
    }
    if (!isTuple) {
      if (items.length > 0) return items[0] as Expression;
      if (!inParentheses) this.fail(`Expected an expression, got '${this.describe(this.token)}'`);
    }
    return { kind: 'tuple', items };
  }

  private postfix(start: Expression): Expression {
    let expression = start;
    let levels = 0;
    for (;;) {
      if (this.isOperator('.') || this.isOperator('[')) expression = this.subscript(expression);
      else if (this.isOperator('(')) expression = { kind: 'call', target: expression, given: this.given() };
      else return expression;
      if (++levels + this.depth > nestingMax) this.tooLong();
    }
  }

  private filterExpression(start: Expression): Expression {
    let expression = start;
    for (;;) {
      if (this.isOperator('|')) expression = this.filters(expression, false) as Expression;
      else if (this.isName('is')) expression = this.test(expression);
      else if (this.isOperator('(')) expression = { kind: 'call', target: expression, given: this.given() };
      else return expression;
    }
  }

  private subscript(target: Expression): Expression {
    if (this.skipOperator('.')) {
      const { token } = this;
      this.position++;
      if (token.kind === 'name') return { kind: 'attribute', target, name: token.text };
      if (token.kind !== 'number' || typeof token.value !== 'number') this.fail('expected name or number', token);
      return { kind: 'item', target, key: { kind: 'constant', value: token.value } };
    }
    this.expect('operator', '[');
    const keys: Expression[] = [];
    while (!this.isOperator(']')) {
      if (keys.length > 0) this.expect('operator', ',');
      keys.push(this.key());
    }
    this.position++;
    return { kind: 'item', target, key: keys.length === 1 ? (keys[0] as Expression) : { kind: 'tuple', items: keys } };
  }

  private key(): Expression {
    const bound = (): Expression | null =>
      this.isOperator(':') || this.isOperator(']') || this.isOperator(',') ? null : this.expression();
    const start = bound();
    if (!this.skipOperator(':')) return start ?? this.expression();
    const stop = bound();
    const step = this.skipOperator(':') ? bound() : null;
    return { kind: 'slice', start, stop, step };
  }

  private given(): Given {
    const positional: Expression[] = [];
    const named: [string, Expression][] = [];
    let more: Expression | null = null;
    let moreNamed: Expression | null = null;
    const start = this.expect('operator', '(');
    const ensure = (condition: boolean): void => {
      if (!condition) this.fail('invalid syntax for function call expression', start);
    };
    for (let isFirst = true; !this.isOperator(')'); isFirst = false) {
      if (!isFirst) {
        this.expect('operator', ',');
        if (this.isOperator(')')) break;
      }
      const next = this.tokens[this.position + 1];
      if (this.skipOperator('*')) {
        ensure(more === null && moreNamed === null);
        more = this.expression();
      } else if (this.skipOperator('**')) {
        ensure(moreNamed === null);
        moreNamed = this.expression();
      } else if (this.token.kind === 'name' && next?.kind === 'operator' && next.text === '=') {
        ensure(moreNamed === null);
        const name = this.token.text;
        this.position += 2;
        named.push([name, this.expression()]);
      } else {
        ensure(more === null && moreNamed === null && named.length === 0);
        positional.push(this.expression());
      }
    }
    this.position++;
    return { positional, named, more, moreNamed };
  }

  private dotted(): string {
    let name = this.expect('name').text;
    while (this.skipOperator('.')) name += `.${this.expect('name').text}`;
    return name;
  }

  private filters(start: Expression | null, isInline: boolean): Expression | null {
    let expression = start;
    let levels = 0;
    for (let first = isInline; first || this.isOperator('|'); first = false) {
      if (!first) this.position++;
      const name = this.dotted();
      const given = this.isOperator('(') ? this.given() : noArguments;
      expression = { kind: 'filter', target: expression, name, given };
      if (++levels + this.depth > nestingMax) this.tooLong();
    }
    return expression;
  }

  private test(target: Expression): Expression {
    this.position++;
    const isNegated = this.skipName('not');
    const name = this.dotted();
    let given = noArguments;
    const { kind, text } = this.token;
    if (this.isOperator('(')) given = this.given();
    else if (
      (kind === 'name' && !['else', 'or', 'and'].includes(text)) ||
      kind === 'string' ||
      kind === 'number' ||
      (kind === 'operator' && (text === '[' || text === '{'))
    ) {
      if (this.isName('is')) this.fail('You cannot chain multiple tests with is');
      given = { ...noArguments, positional: [this.postfix(this.primary())] };
    }
    const test: Expression = { kind: 'test', target, name, given };
    return isNegated ? { kind: 'unary', operator: 'not', operand: test } : test;
  }
}
