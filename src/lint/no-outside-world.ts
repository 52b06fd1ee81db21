/** The rule `no-outside-world`: no clocks, randomness, timers, I/O, environment or changing state of the module in replayed code. */

import type { Rule, SourceCode as Source } from 'eslint';
import { changingVariable } from './module-state.ts';
import { originOf } from './origin.ts';
import { kindOfOrigin, remedies } from './outside-world.ts';
import { ReplayedCode } from './replayed-code.ts';
import { modulesOf, optionsSchema } from './rule-options.ts';
import { type Node, onlyValueOf, variableOf } from './syntax.ts';

export const noOutsideWorld: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'Keep durable functions from what is not the same when they are run again' },
    schema: optionsSchema,
    messages: {
      outside: '"{{what}}" in the durable function "{{workflow}}"{{how}}: {{remedy}}.',
      state:
        '"{{what}}" in the durable function "{{workflow}}"{{how}}: it is a variable of the module that changes, is shared by all runs and does not survive; keep it in the function, or use it in run.step().',
    },
  },
  create(context) {
    return {
      'Program:exit'() {
        const { sourceCode: source } = context;
        const code = new ReplayedCode(source, modulesOf(context));
        for (const { node, workflow, isCalled } of code.nodes) {
          const how = isCalled ? ', which calls this' : '';
          const what = source.getText(node);
          if (node.type === 'Identifier' && isRead(node) && changingVariable(node, source) !== undefined) {
            context.report({ node, messageId: 'state', data: { what, workflow, how } });
            continue;
          }
          const remedy = isNamedBefore(node, code, source) ? undefined : remedyAt(node, source);
          if (remedy !== undefined)
            context.report({ node, messageId: 'outside', data: { what: shortened(what), workflow, how, remedy } });
        }
      },
    };
  },
};

/** True for a name that replayed code gave to what it found: it was said there. */
function isNamedBefore(node: Node, code: ReplayedCode, source: Source): boolean {
  const variable = node.type === 'Identifier' ? variableOf(node, source) : undefined;
  const value = variable === undefined ? undefined : onlyValueOf(variable);
  return value !== undefined && code.has(value.init) && kindAt(value.init, source) !== undefined;
}

/** What to use instead of what stands there; undefined where it may stay. The whole of `a.b.c` speaks for its parts. */
function remedyAt(node: Node, source: Source): string | undefined {
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const origin = originOf(node.callee, source);
    const isDate = origin?.module === undefined && origin?.path.join('.') === 'Date';
    const readsClock = isDate && (node.type === 'CallExpression' || node.arguments.length === 0);
    return readsClock ? remedies.clock : undefined;
  }
  if (node.type !== 'MemberExpression' && node.type !== 'Identifier') return undefined;
  if (
    node.parent?.type === 'MemberExpression' &&
    node.parent.object === node &&
    kindAt(node.parent, source) !== undefined
  )
    return undefined;
  if (node.type === 'Identifier' && !isRead(node)) return undefined;
  const kind = kindAt(node, source);
  return kind === undefined ? undefined : remedies[kind];
}

function kindAt(node: Node, source: Source) {
  const origin = originOf(node, source);
  return origin === undefined ? undefined : kindOfOrigin(origin);
}

/** False for the name of what is declared there, and for keys. */
function isRead(node: Node & { type: 'Identifier' }): boolean {
  const { parent } = node;
  if (parent.type === 'VariableDeclarator') return parent.id !== node;
  if (parent.type === 'Property') return parent.value === node && parent.parent.type !== 'ObjectPattern';
  if (parent.type === 'FunctionDeclaration' || parent.type === 'FunctionExpression') return false;
  if (parent.type === 'ArrowFunctionExpression') return parent.body === node;
  return parent.type !== 'ImportSpecifier' && parent.type !== 'LabeledStatement';
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
