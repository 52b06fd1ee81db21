/**
 * The rule `await-run-only`: a durable function awaits calls of `run`, and nothing else.
 *
 * An `await` is let through where what it awaits has anything to do with `run`, where it is a function of the file (whose own code is
 * looked at), and where nothing can be said of it: a parameter, a property, a value that was made elsewhere.
 */

import type { Rule } from 'eslint';
import type * as ESTree from 'estree';
import { originOf } from './origin.ts';
import { kindOfOrigin } from './outside-world.ts';
import { ReplayedCode } from './replayed-code.ts';
import { modulesOf, optionsSchema } from './rule-options.ts';
import { bare, functionOf, type Node, onlyValueOf, partsOf, variableOf } from './syntax.ts';

type Source = Rule.RuleContext['sourceCode'];

export const awaitRunOnly: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'Await only calls of `run` in durable functions' },
    schema: optionsSchema,
    messages: {
      other:
        'The durable function "{{workflow}}" awaits "{{what}}", which is no call of run: it comes at a moment of its own, and the run is set aside. Put it into run.step() or an action.',
    },
  },
  create(context) {
    return {
      'Program:exit'() {
        const { sourceCode: source } = context;
        const code = new ReplayedCode(source, modulesOf(context));
        for (const { node, workflow } of code.nodes) {
          const awaited = awaitedAt(node);
          if (awaited === undefined || !isForeign(awaited, code, source)) continue;
          const what = source.getText(awaited).replace(/\s+/g, ' ');
          context.report({
            node: awaited,
            messageId: 'other',
            data: { what: what.length > 60 ? `${what.slice(0, 60)}…` : what, workflow },
          });
        }
      },
    };
  },
};

function awaitedAt(node: Node): Node | undefined {
  if (node.type === 'AwaitExpression') return bare(node.argument);
  return node.type === 'ForOfStatement' && node.await ? bare(node.right) : undefined;
}

/** True for what is certainly made by a call that has nothing to do with `run`. */
function isForeign(node: Node, code: ReplayedCode, source: Source): boolean {
  if (code.mentionsRun(node)) return false;
  switch (node.type) {
    case 'Identifier': {
      const variable = variableOf(node, source);
      const value = variable === undefined ? undefined : onlyValueOf(variable);
      return value !== undefined && value.id.type === 'Identifier' && isForeign(value.init, code, source);
    }
    case 'ImportExpression':
    case 'NewExpression':
      return true;
    case 'CallExpression':
      return isForeignCall(node, code, source);
    case 'ConditionalExpression':
      return [node.consequent, node.alternate].some((part) => isForeign(part as Node, code, source));
    default:
      return false;
  }
}

function isForeignCall(node: ESTree.SimpleCallExpression, code: ReplayedCode, source: Source): boolean {
  const callee = bare(node.callee);
  if (callee?.type === 'Identifier') {
    const variable = variableOf(callee, source);
    // Its own awaits are looked at.
    if (variable !== undefined && functionOf(variable) !== undefined) return false;
    if (variable?.defs.some(({ type }) => type === 'Parameter')) return false;
  }
  const origin = originOf(callee, source);
  // The other rule has said so.
  if (origin !== undefined && kindOfOrigin(origin) !== undefined) return false;
  if (origin?.module === undefined && origin?.path[0] === 'Promise') return isForeignPromise(node, code, source);
  if (callee?.type === 'MemberExpression') {
    const of = bare(callee.object);
    // `foo().then(…)`, `(await x).y()`: what stands in front says it; of an object that came from elsewhere nothing is known.
    if (of?.type === 'CallExpression' || of?.type === 'NewExpression') return isForeign(of, code, source);
    return origin?.module !== undefined;
  }
  return callee?.type === 'Identifier';
}

/** `Promise.all([…])` and the like: foreign where one of its parts is. */
function isForeignPromise(node: ESTree.SimpleCallExpression, code: ReplayedCode, source: Source): boolean {
  const callee = bare(node.callee);
  if (callee?.type === 'MemberExpression' && callee.property.type === 'Identifier') {
    if (callee.property.name === 'resolve' || callee.property.name === 'reject') return false;
  }
  const [list] = node.arguments;
  const parts = bare(list);
  if (parts?.type !== 'ArrayExpression') return false;
  return partsOf(parts, source).some((part) => isForeign(part, code, source));
}
