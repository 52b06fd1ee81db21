/** The tree that ESLint hands over, as far as the rules look at it; parsers of TypeScript add nodes of their own. */

import type { Rule, Scope, SourceCode } from 'eslint';
import type * as ESTree from 'estree';

export type Node = Rule.Node;
export type Variable = Scope.Variable;
export type FunctionNode = (ESTree.FunctionDeclaration | ESTree.FunctionExpression | ESTree.ArrowFunctionExpression) &
  Rule.NodeParentExtension;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function isFunction(node: Node | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** `x as T`, `x!`, `x satisfies T`, `<T>x`, `f<T>`, `(x)`: what stands in front of the type, or between the brackets. */
const wrappers: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ChainExpression',
  'ParenthesizedExpression',
]);

/** The expression without what is only said about its type. */
export function bare(node: ESTree.Node | null | undefined): Node | undefined {
  let at: unknown = node;
  while (isNode(at) && wrappers.has(at.type) && 'expression' in at) at = at.expression;
  return isNode(at) ? at : undefined;
}

/** The parts of a node that are run; types are not. */
export function partsOf(node: Node, source: SourceCode): Node[] {
  const keys = source.visitorKeys[node.type] ?? Object.keys(node).filter((key) => key !== 'parent');
  const parts: Node[] = [];
  for (const key of keys) {
    const value: unknown = (node as unknown as Readonly<Record<string, unknown>>)[key];
    for (const part of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!isNode(part)) continue;
      if (!part.type.startsWith('TS') || wrappers.has(part.type)) parts.push(part);
    }
  }
  return parts;
}

/** The variable an identifier stands for; undefined for one that nothing here declares. */
export function variableOf(identifier: ESTree.Identifier, source: SourceCode): Variable | undefined {
  for (let scope: Scope.Scope | null = source.getScope(identifier); scope !== null; scope = scope.upper) {
    const variable = scope.set.get(identifier.name);
    if (variable !== undefined) return variable;
  }
  return undefined;
}

/** The name of a property: `a.b`, `a['b']`, `{ b: … }`; undefined where it is computed. */
export function propertyName(
  node: Pick<ESTree.MemberExpression, 'computed'> & { readonly property: ESTree.Node },
): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === 'Identifier' ? property.name : undefined;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}

/** What a variable was declared with, where it is never given anything else. */
export function onlyValueOf(variable: Variable): { readonly init: Node; readonly id: ESTree.Pattern } | undefined {
  const [definition] = variable.defs;
  if (variable.defs.length !== 1 || definition?.type !== 'Variable') return undefined;
  if (variable.references.some((reference) => reference.isWrite() && reference.init !== true)) return undefined;
  const init = bare(definition.node.init);
  return init === undefined ? undefined : { init, id: definition.node.id };
}

/** The function a variable stands for, where it is one of this file and never another. */
export function functionOf(variable: Variable): FunctionNode | undefined {
  const [definition] = variable.defs;
  if (variable.defs.length === 1 && definition?.type === 'FunctionName' && isFunction(definition.node as Node))
    return definition.node as FunctionNode;
  const value = onlyValueOf(variable);
  return value?.id.type === 'Identifier' && isFunction(value.init) ? value.init : undefined;
}
