/** Where the value of an expression comes from, as a path: `Date.now` of the globals, `node:fs` `readFile` of a module. */

import type { SourceCode } from 'eslint';
import type * as ESTree from 'estree';
import { bare, type Node, onlyValueOf, propertyName, type Variable, variableOf } from './syntax.ts';

export interface Origin {
  /** The module it is imported from, without `node:`; undefined for a global. */
  readonly module: string | undefined;
  /** Names from the module, or from the global object, on. */
  readonly path: readonly string[];
}

/** How far names of names are followed. */
const stepsMost = 20;

/** The origin of an expression; undefined where it is of this file, or is made by a call. */
export function originOf(
  expression: ESTree.Node | undefined,
  source: SourceCode,
  steps = stepsMost,
): Origin | undefined {
  const node = bare(expression);
  if (node === undefined || steps === 0) return undefined;
  switch (node.type) {
    case 'Identifier':
      return originOfName(node, source, steps);
    case 'MemberExpression': {
      const of = originOf(node.object as Node, source, steps - 1);
      const name = propertyName(node);
      return of === undefined || name === undefined ? undefined : { ...of, path: [...of.path, name] };
    }
    case 'CallExpression': {
      const [asked] = node.arguments;
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (!isRequire || asked?.type !== 'Literal' || typeof asked.value !== 'string') return undefined;
      return { module: moduleName(asked.value), path: [] };
    }
    case 'AwaitExpression':
      return originOf(node.argument as Node, source, steps - 1);
    case 'ImportExpression':
      return node.source.type === 'Literal' && typeof node.source.value === 'string'
        ? { module: moduleName(node.source.value), path: [] }
        : undefined;
    default:
      return undefined;
  }
}

function originOfName(identifier: ESTree.Identifier, source: SourceCode, steps: number): Origin | undefined {
  const variable = variableOf(identifier, source);
  if (variable === undefined || variable.defs.length === 0) return globalOf(identifier.name);
  return originOfVariable(variable, source, steps);
}

/** `globalThis.Date` is `Date`. */
function globalOf(name: string): Origin {
  return { module: undefined, path: name === 'globalThis' || name === 'global' || name === 'window' ? [] : [name] };
}

function originOfVariable(variable: Variable, source: SourceCode, steps: number): Origin | undefined {
  const [definition] = variable.defs;
  if (definition?.type === 'ImportBinding') {
    const { node, parent } = definition;
    const module = moduleName(String(parent.source.value));
    if (node.type !== 'ImportSpecifier') return { module, path: [] };
    const { imported } = node;
    const name = imported.type === 'Identifier' ? imported.name : String(imported.value);
    return { module, path: name === 'default' ? [] : [name] };
  }
  const value = onlyValueOf(variable);
  if (value === undefined) return undefined;
  const of = originOf(value.init, source, steps - 1);
  if (of === undefined || value.id.type === 'Identifier') return of;
  const names = pathIn(value.id, variable.name);
  return names === undefined ? undefined : { ...of, path: [...of.path, ...names] };
}

/** Where in `{ a: { b } }` the name is bound: `a`, `b`. */
function pathIn(pattern: ESTree.Pattern, name: string): readonly string[] | undefined {
  if (pattern.type === 'Identifier') return pattern.name === name ? [] : undefined;
  if (pattern.type === 'AssignmentPattern') return pathIn(pattern.left, name);
  if (pattern.type !== 'ObjectPattern') return undefined;
  for (const property of pattern.properties) {
    if (property.type !== 'Property') continue;
    const key = propertyName({ computed: property.computed, property: property.key });
    const below = pathIn(property.value as ESTree.Pattern, name);
    if (key !== undefined && below !== undefined) return [key, ...below];
  }
  return undefined;
}

function moduleName(specifier: string): string {
  return specifier.replace(/^node:/, '');
}
