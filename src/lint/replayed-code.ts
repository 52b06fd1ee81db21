/**
 * The code of a file that is run again: functions given to `workflow(name, …)`, and what they call in the same file, however far.
 *
 * C1. Closures of `run.step`, `run.transaction` and `run.query`, `verify` too, are not run again, or may differ: they are left out. So are the
 *     handlers of `defineAction`, wherever it stands.
 * C2. `run` is the first parameter of the function, whatever it is called; where it is handed on to a function of the file, that one's
 *     parameter is `run` as well. So is a parameter whose type is `RunContext`.
 * C3. A function of the file that is named in replayed code counts as called. Each is looked at once.
 */

import type { SourceCode } from 'eslint';
import type * as ESTree from 'estree';
import { originOf } from './origin.ts';
import {
  bare,
  type FunctionNode,
  functionOf,
  isFunction,
  isNode,
  type Node,
  onlyValueOf,
  partsOf,
  propertyName,
  type Variable,
  variableOf,
} from './syntax.ts';

/** Methods of `run` whose closures are not replayed. */
const aside: ReadonlySet<string> = new Set(['step', 'transaction', 'query']);

export interface Replayed {
  readonly node: Node;
  /** The name of the workflow that leads there; `…` where it is no text. */
  readonly workflow: string;
  /** True where another function of the file leads there. */
  readonly isCalled: boolean;
}

export class ReplayedCode {
  readonly #source: SourceCode;
  readonly #modules: ReadonlySet<string>;
  readonly #runs = new Set<Variable>();
  readonly #visited = new Map<FunctionNode, number>();
  readonly #found = new Map<Node, Replayed>();

  /** @param modules Where `workflow` may be imported from. */
  constructor(source: SourceCode, modules: readonly string[]) {
    this.#source = source;
    this.#modules = new Set(modules);
    this.#search(source.ast as Node);
  }

  /** Every node that is run again, in no order. */
  get nodes(): Iterable<Replayed> {
    return this.#found.values();
  }

  has(node: Node): boolean {
    return this.#found.has(node);
  }

  /** True where the expression has anything to do with `run`: names of the file are followed. */
  mentionsRun(node: Node, seen = new Set<unknown>()): boolean {
    if (seen.has(node)) return false;
    seen.add(node);
    if (node.type === 'ThisExpression') return true;
    if (node.type === 'Identifier') {
      const variable = variableOf(node, this.#source);
      if (variable === undefined) return false;
      if (this.#runs.has(variable)) return true;
      const value = functionOf(variable) ?? onlyValueOf(variable)?.init;
      return value !== undefined && this.mentionsRun(value, seen);
    }
    return this.#partsRead(node).some((part) => this.mentionsRun(part, seen));
  }

  /** Looks for functions that are given to `workflow`. */
  #search(node: Node): void {
    if (node.type === 'CallExpression' && this.#isOfPawl(node.callee, 'workflow')) {
      const [name, ...given] = node.arguments;
      const workflow = name?.type === 'Literal' ? String(name.value) : '…';
      for (const argument of given) {
        const body = this.#functionAt(argument);
        if (body === undefined) continue;
        this.#takeRun(body, 0);
        this.#enter(body, { workflow, isCalled: false });
      }
    }
    for (const part of partsOf(node, this.#source)) this.#search(part);
  }

  #isOfPawl(callee: ESTree.Node, name: string): boolean {
    const origin = originOf(callee, this.#source);
    return origin?.module !== undefined && this.#modules.has(origin.module) && origin.path.join('.') === name;
  }

  #functionAt(argument: ESTree.Node): FunctionNode | undefined {
    const node = bare(argument);
    if (isFunction(node)) return node;
    if (node?.type !== 'Identifier') return undefined;
    const variable = variableOf(node, this.#source);
    return variable === undefined ? undefined : functionOf(variable);
  }

  /** The parameter at that place is `run`. */
  #takeRun(of: FunctionNode, place: number): void {
    const parameter = parameterName(of.params[place]);
    const variable = this.#source.getDeclaredVariables(of).find((one) => one.name === parameter);
    if (variable !== undefined) this.#runs.add(variable);
  }

  #enter(code: FunctionNode, from: Omit<Replayed, 'node'>): void {
    for (const [place, parameter] of code.params.entries()) if (isTypedRun(parameter)) this.#takeRun(code, place);
    // A function that is handed `run` later than it was first met is looked at again.
    if (this.#visited.get(code) === this.#runs.size) return;
    this.#visited.set(code, this.#runs.size);
    for (const part of partsOf(code, this.#source)) this.#walk(part, from);
  }

  #walk(node: Node, from: Omit<Replayed, 'node'>): void {
    if (!this.#found.has(node)) this.#found.set(node, { node, ...from });
    const called = { ...from, isCalled: true };
    if (node.type === 'CallExpression') {
      if (this.#isOfPawl(node.callee, 'defineAction')) return;
      const method = this.#methodOfRun(node.callee);
      if (method !== undefined && aside.has(method)) {
        for (const argument of node.arguments) this.#walkBeside(argument, from);
        return;
      }
      this.#handOn(node);
      const literal = this.#methodOfLiteral(node.callee);
      if (literal !== undefined) this.#enter(literal, called);
    }
    if (node.type === 'Identifier') {
      const variable = variableOf(node, this.#source);
      const of = variable === undefined ? undefined : functionOf(variable);
      if (of !== undefined) this.#enter(of, called);
    }
    for (const part of this.#partsRead(node)) this.#walk(part, from);
  }

  /** An argument beside the closure: options, of which closures (`verify`) are not replayed either. */
  #walkBeside(argument: ESTree.Node, from: Omit<Replayed, 'node'>): void {
    const node = bare(argument);
    if (node === undefined || this.#functionAt(node) !== undefined) return;
    if (node.type !== 'ObjectExpression') return this.#walk(node, from);
    for (const property of node.properties) {
      const value = property.type === 'Property' ? property.value : property;
      if (this.#functionAt(value) === undefined) this.#walk(value as Node, from);
    }
  }

  /** Parameters to which the call hands `run` on are `run`. */
  #handOn(call: ESTree.SimpleCallExpression): void {
    const callee = this.#functionAt(call.callee) ?? this.#methodOfLiteral(call.callee);
    if (callee === undefined) return;
    for (const [place, argument] of call.arguments.entries()) {
      const node = bare(argument);
      const variable = node?.type === 'Identifier' ? variableOf(node, this.#source) : undefined;
      if (variable !== undefined && this.#runs.has(variable)) this.#takeRun(callee, place);
    }
  }

  /** `step` of `run.step`. */
  #methodOfRun(callee: ESTree.Node): string | undefined {
    const node = bare(callee);
    if (node?.type !== 'MemberExpression') return undefined;
    const of = bare(node.object);
    const variable = of?.type === 'Identifier' ? variableOf(of, this.#source) : undefined;
    return variable !== undefined && this.#runs.has(variable) ? propertyName(node) : undefined;
  }

  /** The function of `{ now() {…} }` that `clock.now` means. */
  #methodOfLiteral(callee: ESTree.Node): FunctionNode | undefined {
    const node = bare(callee);
    if (node?.type !== 'MemberExpression' || node.object.type !== 'Identifier') return undefined;
    const variable = variableOf(node.object, this.#source);
    const literal = variable === undefined ? undefined : onlyValueOf(variable)?.init;
    if (literal?.type !== 'ObjectExpression') return undefined;
    const name = propertyName(node);
    for (const property of literal.properties) {
      if (property.type !== 'Property') continue;
      const value = bare(property.value);
      const key = propertyName({ computed: property.computed, property: property.key });
      if (key === name && name !== undefined && isFunction(value)) return value;
    }
    return undefined;
  }

  /** The parts of a node that are looked up: names of properties and of parameters are not. */
  #partsRead(node: Node): Node[] {
    const parts = partsOf(node, this.#source);
    if (node.type === 'MemberExpression' && !node.computed) return parts.filter((part) => part !== node.property);
    if (node.type === 'Property' && !node.computed && !node.shorthand) return parts.filter((part) => part !== node.key);
    return parts;
  }
}

function parameterName(parameter: ESTree.Pattern | undefined): string | undefined {
  if (parameter?.type === 'AssignmentPattern') return parameterName(parameter.left);
  return parameter?.type === 'Identifier' ? parameter.name : undefined;
}

/** `run: RunContext`, as parsers of TypeScript have it. */
function isTypedRun(parameter: ESTree.Pattern): boolean {
  if (!('typeAnnotation' in parameter) || !isNode(parameter.typeAnnotation)) return false;
  const { typeAnnotation: type } = parameter.typeAnnotation as { readonly typeAnnotation?: unknown };
  if (!isNode(type) || !('typeName' in type) || !isNode(type.typeName)) return false;
  return type.typeName.type === 'Identifier' && type.typeName.name === 'RunContext';
}
