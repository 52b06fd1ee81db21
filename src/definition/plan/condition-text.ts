/** The condition of a transition in a few words, for an edge of a drawing. */

import type { ValueSource } from '../work.ts';
import { isComputed } from '../work.ts';

const lettersMax = 30;

/** Empty for the usual one, `succeeded()`; `always` where there is none. */
export function conditionText(when: ValueSource | undefined): string {
  if (when === undefined) return 'always';
  if (isComputed(when)) return 'condition';
  const text = typeof when.source === 'string' ? when.source : JSON.stringify(when.source);
  const plain = text
    .replace(/^\s*(?:<%|\{\{)\s*|\s*(?:%>|\}\})\s*$/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^succeeded\(\)( and |$)/, '')
    .replace(/^completed\(\)( and |$)/, (_, rest: string) => (rest === '' ? 'always' : ''))
    .replace(/\bfailed\(\)/g, 'failed')
    .replace(/\bctx\(\s*["']?(\w+)["']?\s*\)/g, '$1')
    .replace(/\bctx\(\)\.(\w+)(?!\w*\()/g, '$1')
    .replace(/\bresult\(\)/g, 'result');
  return plain.length > lettersMax ? `${plain.slice(0, lettersMax - 1).trimEnd()}…` : plain;
}
