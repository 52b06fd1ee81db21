/** Variables of the module that change while the program runs: they are not the same when a function is run again. */

import type { SourceCode } from 'eslint';
import type * as ESTree from 'estree';
import { bare, type Node, propertyName, type Variable, variableOf } from './syntax.ts';

/** Methods that change what they are called on. */
const changing: ReadonlySet<string> = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'sort',
  'reverse',
  'fill',
  'copyWithin',
  'set',
  'add',
  'delete',
  'clear',
]);

/** The variable of the module that the identifier stands for, if it changes. */
export function changingVariable(identifier: ESTree.Identifier, source: SourceCode): Variable | undefined {
  const variable = variableOf(identifier, source);
  if (variable === undefined || !isOfModule(variable)) return undefined;
  return variable.references.some((reference) => isChange(reference.identifier as Node, reference))
    ? variable
    : undefined;
}

function isOfModule(variable: Variable): boolean {
  const [definition] = variable.defs;
  if (definition?.type !== 'Variable') return false;
  return variable.scope.type === 'module' || (variable.scope.type === 'global' && variable.defs.length > 0);
}

function isChange(identifier: Node, reference: { isWrite(): boolean; readonly init?: boolean }): boolean {
  if (reference.isWrite()) return reference.init !== true;
  // `state.a.b = 1`, `delete state.a`, `state.a++`, `state.list.push(1)`
  let at: Node = identifier;
  while (at.parent?.type === 'MemberExpression' && bare(at.parent.object) === at) at = at.parent;
  if (at === identifier) return false;
  const { parent } = at;
  if (parent?.type === 'AssignmentExpression') return parent.left === at;
  if (parent?.type === 'UpdateExpression') return true;
  if (parent?.type === 'UnaryExpression') return parent.operator === 'delete';
  if (parent?.type !== 'CallExpression' || parent.callee !== at || at.type !== 'MemberExpression') return false;
  return changing.has(propertyName(at) ?? '');
}
