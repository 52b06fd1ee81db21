/**
 * Templates: Json whose texts and keys may hold expressions. Compile once, evaluate often.
 *
 * A text that is exactly one expression gives that expression's value, whatever its type; in any other text each
 * expression is replaced by Python's `str` of its value. A text with a Jinja block is rendered whole. Where a text has
 * Jinja, YAQL in it is left alone.
 *
 * E1. `compile` and `evaluate` never throw, whatever they are given.
 * E2. A result is data: it is never searched for expressions again.
 * E3. Nothing in the result is of the host: it is Json, made of the scope's own data and fresh plain objects.
 * E4. A part without expressions is handed back itself.
 */

import { fail, type Json, type JsonObject, ok, type Result, setOwn } from '../base/index.ts';
import { metered } from './budget.ts';
import { findSpans, inner, type Language, type Span } from './delimiters.ts';
import { Failure } from './failure.ts';
import { compileJinja, compileJinjaText } from './jinja/expression.ts';
import { tagged, toJson, typeName } from './outcome.ts';
import { Dict } from './python/dict.ts';
import { isTrue } from './python/order.ts';
import { textOf } from './python/text.ts';
import type { Value } from './python/values.ts';
import type { Scope } from './scope.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { compileYaql } from './yaql/expression.ts';

/** A compiled Json value: any structure whose texts may hold `<% yaql %>`, `{{ jinja }}`, `{% jinja blocks %}`. */
export interface Template {
  readonly source: Json;
  /** No expression in it: evaluating gives `source` itself. */
  readonly constant: boolean;
  readonly faults: readonly TemplateFault[];
}

/** Something in a template that can never be evaluated. */
export interface TemplateFault {
  /** Null where a text mixes both languages. */
  readonly language: Language | null;
  readonly expression: string;
  readonly message: string;
  /** Where the text stands within the source; a key is named by itself. */
  readonly path: (string | number)[];
  /** Of the fault within that text. */
  readonly offset: number;
}

export interface ExpressionError {
  /** `YaqlEvaluationException`, `JinjaEvaluationException` or `limit_exceeded`. */
  readonly kind: string;
  /** The cause by its name in the language, such as `VariableUndefinedError`. */
  readonly cause?: string;
  readonly message: string;
  readonly expression: string;
  /** Where the expression begins in its text. */
  readonly offset?: number;
}

/** A result for tests: Json with `$set`, `$pairs`, `$datetime` … where Json has no word, and Python's type. */
export interface TypedValue {
  readonly value: Json;
  readonly type: string;
}

type Evaluate = (scope: Scope) => Value;

/** One text: how to evaluate it, and what is wrong with it. */
interface CompiledText {
  readonly source: string;
  readonly language: Language;
  readonly evaluate: Evaluate;
  /** Json without ado, or undefined where `evaluate` must say. */
  readonly shortcut: ((scope: Scope) => Json | undefined) | undefined;
  readonly faults: readonly Omit<TemplateFault, 'path'>[];
}

type Node =
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'text'; readonly text: CompiledText }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: Node; readonly value: Node }[] };

class CompiledTemplate implements Template {
  readonly source: Json;
  readonly constant: boolean;
  readonly faults: readonly TemplateFault[];
  readonly node: Node;

  constructor(source: Json, node: Node, faults: readonly TemplateFault[]) {
    this.source = source;
    this.node = node;
    this.constant = node.kind === 'constant';
    this.faults = faults;
  }
}

/** Thrown inside this file to carry an error out of a structure. */
class Refusal {
  readonly error: ExpressionError;
  constructor(error: ExpressionError) {
    this.error = error;
  }
}

const depthMax = 200;
const texts = new Map<string, CompiledText | null>();
const textsMax = 10_000;
const cachedLengthMax = 4096;
const plainTemplates = new Map<string, CompiledTemplate>();

/** Compiles `source`; what cannot be parsed is in `faults`, and fails when evaluated. The same text is compiled once. */
export function compile(source: Json): Template {
  if (typeof source === 'string') {
    const known = plainTemplates.get(source);
    if (known) return known;
  }
  const faults: TemplateFault[] = [];
  const template = new CompiledTemplate(source, nodeOf(source, [], faults), faults);
  if (typeof source === 'string' && source.length <= cachedLengthMax) {
    if (plainTemplates.size >= textsMax) plainTemplates.clear();
    plainTemplates.set(source, template);
  }
  return template;
}

/** The value of the template over `scope`. The same template and scope give the same value. */
export function evaluate(template: Template, scope: Scope): Result<Json, ExpressionError> {
  const { node } = template as CompiledTemplate;
  if (node.kind === 'constant') return ok(node.value);
  if (node.kind === 'text') {
    const quick = node.text.shortcut?.(scope);
    if (quick !== undefined) return ok(quick);
  }
  return guarded(() => jsonOf(node, scope));
}

/** As `evaluate`, keeping what Json would lose. */
export function evaluateTyped(template: Template, scope: Scope): Result<TypedValue, ExpressionError> {
  return guarded(() => {
    const value = valueAt((template as CompiledTemplate).node, scope);
    return { value: tagged(value), type: typeName(value) };
  });
}

/** Python's truth of a result: false for null, false, 0, empty text, list and map. */
export function truthy(value: Json): boolean {
  return isTrue(value);
}

function guarded<T>(work: () => T): Result<T, ExpressionError> {
  try {
    return ok(metered(work));
  } catch (error) {
    if (error instanceof Refusal) return fail(error.error);
    return fail(errorOf(error, 'ExpressionEvaluationException', '', undefined));
  }
}

function errorOf(error: unknown, kind: string, expression: string, offset: number | undefined): ExpressionError {
  const place = { expression, ...(offset === undefined ? {} : { offset }) };
  if (error instanceof Failure || error instanceof SyntaxFault) {
    if (error.cause === 'limit_exceeded')
      return { kind: 'limit_exceeded', message: `${error.message} In '${clipped(expression)}'.`, ...place };
    if (error.cause === 'KeyError' && kind === 'YaqlEvaluationException') {
      return {
        kind,
        cause: error.cause,
        message: `Unable to resolve key '${error.message}' in expression '${clipped(expression)}' from context.`,
        ...place,
      };
    }
    if (error.cause === 'unresolved') return { kind, message: error.message, ...place };
    return {
      kind,
      cause: error.cause,
      message: `Unable to evaluate expression '${clipped(expression)}'. ${error.cause}: ${error.message}`,
      ...place,
    };
  }
  if (error instanceof RangeError) {
    return {
      kind: 'limit_exceeded',
      message: `The expression or its data is nested too deeply. In '${clipped(expression)}'.`,
      ...place,
    };
  }
  const message = error instanceof Error ? error.message : 'unknown failure';
  return {
    kind,
    cause: 'InternalError',
    message: `Unable to evaluate expression '${clipped(expression)}'. ${message}`,
    ...place,
  };
}

function clipped(expression: string): string {
  return expression.length > 1000 ? `${expression.slice(0, 1000)}…` : expression;
}

function nodeOf(source: Json, path: (string | number)[], faults: TemplateFault[]): Node {
  if (typeof source === 'string') {
    const text = compileText(source);
    if (text === null) return { kind: 'constant', value: source };
    for (const fault of text.faults) faults.push({ ...fault, path });
    return { kind: 'text', text };
  }
  if (source === null || typeof source !== 'object') return { kind: 'constant', value: source };
  if (path.length > depthMax) {
    faults.push({
      language: null,
      expression: '',
      message: `The value is nested more than ${depthMax} levels deep.`,
      path,
      offset: 0,
    });
    return { kind: 'constant', value: source };
  }
  if (Array.isArray(source)) {
    const items = source.map((item, index) => nodeOf(item, [...path, index], faults));
    return items.every((item) => item.kind === 'constant')
      ? { kind: 'constant', value: source }
      : { kind: 'list', items };
  }
  const entries = Object.keys(source).map((key) => ({
    key: nodeOf(key, [...path, key], faults),
    value: nodeOf((source as JsonObject)[key] as Json, [...path, key], faults),
  }));
  const isConstant = entries.every(({ key, value }) => key.kind === 'constant' && value.kind === 'constant');
  return isConstant ? { kind: 'constant', value: source } : { kind: 'map', entries };
}

function jsonOf(node: Node, scope: Scope): Json {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'text': {
      const quick = node.text.shortcut?.(scope);
      return quick !== undefined ? quick : leaving(node.text, scope);
    }
    case 'list':
      return node.items.map((item) => jsonOf(item, scope));
    case 'map': {
      const out: { [key: string]: Json } = {};
      for (const { key, value } of node.entries) {
        const name = jsonOf(key, scope);
        if (typeof name === 'object' && name !== null) {
          throw new Refusal({
            kind: 'ExpressionEvaluationException',
            cause: 'TypeError',
            message: 'A key of a map evaluates to a list or a map.',
            expression: '',
          });
        }
        setOwn(out, typeof name === 'string' ? name : String(name), jsonOf(value, scope));
      }
      return out;
    }
  }
}

/** The value of a text as Json; what cannot leave is told with the text it came from. */
function leaving(text: CompiledText, scope: Scope): Json {
  const value = text.evaluate(scope);
  try {
    return toJson(value);
  } catch (error) {
    throw new Refusal(errorOf(error, kinds[text.language], text.source, 0));
  }
}

function valueAt(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'text':
      return node.text.evaluate(scope);
    case 'list':
      return node.items.map((item) => valueAt(item, scope));
    case 'map': {
      const out = new Dict('jinja');
      for (const { key, value } of node.entries) out.set(valueAt(key, scope), valueAt(value, scope));
      return out;
    }
  }
}

/** Null for a text without expressions. */
function compileText(text: string): CompiledText | null {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const compiled = compileFresh(text);
  if (text.length <= cachedLengthMax) {
    if (texts.size >= textsMax) texts.clear();
    texts.set(text, compiled);
  }
  return compiled;
}

function compileFresh(text: string): CompiledText | null {
  const yaql = findSpans(text, '<%', '%>');
  const blocks = findSpans(text, '{%', '%}');
  const jinja = findSpans(text, '{{', '}}');
  if (jinja.length === 0 && blocks.length === 0) return yaql.length === 0 ? null : inlineText(text, yaql, 'yaql');
  const compiled = blocks.length > 0 ? blockText(text, jinja) : inlineText(text, jinja, 'jinja');
  if (yaql.length === 0) return compiled;
  return {
    ...compiled,
    faults: [
      { language: null, expression: text, message: 'Expression with multiple types is not supported.', offset: 0 },
    ],
  };
}

interface Expression {
  readonly span: Span;
  readonly evaluate: Evaluate;
  readonly shortcut: ((scope: Scope) => Json | undefined) | undefined;
}

const kinds = { yaql: 'YaqlEvaluationException', jinja: 'JinjaEvaluationException' } as const;

/** A text in which each span is one expression. Equal spans are evaluated once and have one value. */
function inlineText(text: string, spans: readonly Span[], language: Language): CompiledText {
  const faults: Omit<TemplateFault, 'path'>[] = [];
  const distinct = new Map<string, Expression>();
  if (language === 'jinja') addTextFault(text, faults);
  for (const span of spans) {
    const isReported = faults.some((fault) => fault.expression === span.text);
    if (!distinct.has(span.text)) distinct.set(span.text, compileSpan(span, language, isReported ? [] : faults));
  }
  const only = spans.length === 1 && spans[0]?.text.length === text.length ? [...distinct.values()][0] : undefined;
  if (only) return { source: text, language, evaluate: only.evaluate, shortcut: only.shortcut, faults };
  return {
    source: text,
    language,
    evaluate: (scope) => {
      const values = new Map<string, string>();
      for (const [source, expression] of distinct) values.set(source, textOf(expression.evaluate(scope), 'jinja'));
      let out = '';
      let from = 0;
      for (const span of spans) {
        out += text.slice(from, span.start) + (values.get(span.text) as string);
        from = span.start + span.text.length;
      }
      return out + text.slice(from);
    },
    shortcut: undefined,
    faults,
  };
}

function compileSpan(span: Span, language: Language, faults: Omit<TemplateFault, 'path'>[]): Expression {
  const body = inner(span.text, language === 'yaql' ? '<%>' : '{}');
  try {
    const compiled = language === 'yaql' ? compileYaql(body.text) : compileJinja(body.text);
    return {
      span,
      shortcut: compiled.shortcut,
      evaluate: (scope) => {
        try {
          const value = compiled.evaluate(scope);
          if (value === undefined) throw new Failure('unresolved', `There are unresolved variables: ${body.text}`);
          return value;
        } catch (error) {
          throw new Refusal(errorOf(error, kinds[language], span.text, span.start));
        }
      },
    };
  } catch (error) {
    return broken(error, span, language, faults, body.offset);
  }
}

function broken(
  error: unknown,
  span: Span,
  language: Language,
  faults: Omit<TemplateFault, 'path'>[],
  shift: number,
): Expression {
  const fault =
    error instanceof SyntaxFault ? error : new SyntaxFault('limit_exceeded', 'The expression is nested too deeply.', 0);
  faults.push({ language, expression: span.text, message: fault.message, offset: span.start + shift + fault.offset });
  const refusal = new Refusal(errorOf(fault, kinds[language], span.text, span.start));
  return {
    span,
    shortcut: undefined,
    evaluate: () => {
      throw refusal;
    },
  };
}

/** Jinja also reads the text as a whole, and may find what the single expressions do not show. */
function addTextFault(text: string, faults: Omit<TemplateFault, 'path'>[]): void {
  try {
    compileJinjaText(text);
  } catch (error) {
    if (error instanceof SyntaxFault && error.cause !== 'TemplateAssertionError') {
      faults.push({ language: 'jinja', expression: text, message: error.message, offset: error.offset });
    }
  }
}

/** A text with Jinja blocks, rendered whole. */
function blockText(text: string, spans: readonly Span[]): CompiledText {
  const faults: Omit<TemplateFault, 'path'>[] = [];
  const whole: Span = { text, start: 0 };
  let evaluateWhole: Evaluate;
  try {
    const compiled = compileJinjaText(text);
    evaluateWhole = (scope) => {
      try {
        return compiled.evaluate(scope) as Value;
      } catch (error) {
        throw new Refusal(errorOf(error, kinds.jinja, text, 0));
      }
    };
  } catch (error) {
    evaluateWhole = broken(error, whole, 'jinja', faults, 0).evaluate;
  }
  const seen = new Set([text, ...faults.map((fault) => fault.expression)]);
  for (const span of spans) {
    if (seen.has(span.text)) continue;
    seen.add(span.text);
    compileSpan(span, 'jinja', faults);
  }
  return { source: text, language: 'jinja', evaluate: evaluateWhole, shortcut: undefined, faults };
}
