/** What the host of a durable function records beside tasks, and how it is read again. */

import { assert, type Json } from '../../base/index.ts';
import type { Recorded } from '../events.ts';

/** Stored for ever: a form never changes its meaning. */
export type FunctionNote =
  /** The function returned; what it gave is the payload. */
  | readonly ['returned']
  /** The function threw. */
  | readonly ['threw']
  /** It asked which way of a change to take, after so many calls. True: the new one. */
  | readonly ['patched', string, number, boolean]
  /** It said something for people; what is the payload. */
  | readonly ['said', string]
  /** A piece of a stream, which is the payload; by a step it names the call. */
  | readonly ['emitted', string, number?]
  /** It was asked to change something: an id, a name, and the input as payload. */
  | readonly ['update', string, string]
  /** It answered; what is the payload. */
  | readonly ['answered', string]
  /** It is run again from that call on. */
  | readonly ['rerun', number]
  /** It threw instead of an answer. */
  | readonly ['update_failed', string, string];

/** What stands behind the name of each form. */
const forms: { readonly [name in FunctionNote[0]]: readonly ('string' | 'number' | 'boolean' | 'number?')[] } = {
  returned: [],
  threw: [],
  patched: ['string', 'number', 'boolean'],
  said: ['string'],
  emitted: ['string', 'number?'],
  update: ['string', 'string'],
  answered: ['string'],
  rerun: ['number'],
  update_failed: ['string', 'string'],
};

/**
 * The note of an event of a durable function; undefined for an event that is none.
 *
 * @throws AssertionError It has no form that this version knows.
 */
export function functionNote(event: Recorded): FunctionNote | undefined {
  if (event.type !== 'ProgramNoted') return undefined;
  const { note } = event;
  assert(
    isFunctionNote(note),
    `a durable function noted ${JSON.stringify(note)?.slice(0, 80)}, which has no known form`,
  );
  return note;
}

function isFunctionNote(note: Json): note is Json & FunctionNote {
  if (!Array.isArray(note)) return false;
  const [name, ...fields] = note as readonly Json[];
  if (typeof name !== 'string' || !Object.hasOwn(forms, name)) return false;
  const form = forms[name as FunctionNote[0]];
  if (fields.length > form.length) return false;
  return form.every((type, place) => {
    const field = fields[place];
    if (type === 'number?') return field === undefined || typeof field === 'number';
    return typeof field === type;
  });
}
