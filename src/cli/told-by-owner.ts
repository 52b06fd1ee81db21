/**
 * What the process that drives a file told of a run, over its socket. It may be of another version: what has not the form that is shown
 * here is not believed, and undefined is given in its place.
 */

import { isJsonObject, type Json } from '../base/index.ts';
import type { Reply } from '../client/index.ts';
import type { RunStand } from '../engine/index.ts';
import { checkHistory, type Recorded, type RunView } from '../kernel/index.ts';

type Told = Pick<Reply & { readonly ok: true }, 'view' | 'events' | 'stand'>;
type Form = { readonly [field: string]: (value: Json | undefined) => boolean };

const isText = (value: Json | undefined): boolean => typeof value === 'string';
const isNumber = (value: Json | undefined): boolean => typeof value === 'number';
const isFlag = (value: Json | undefined): boolean => typeof value === 'boolean';
const isMap = (value: Json | undefined): boolean => isJsonObject(value);
const isThere = (value: Json | undefined): boolean => value !== undefined;
const maybe =
  (is: (value: Json | undefined) => boolean) =>
  (value: Json | undefined): boolean =>
    value === undefined || is(value);
const listOf = (form: Form) => (value: Json | undefined) =>
  Array.isArray(value) && value.every((one: Json) => has(one, form));

const error: Form = { kind: isText, message: isText, task: maybe(isText) };
const task: Form = {
  task: isNumber,
  name: isText,
  route: isNumber,
  action: maybe(isText),
  status: isText,
  attempts: isNumber,
  scheduledAt: isNumber,
  startedAt: maybe(isNumber),
  endedAt: maybe(isNumber),
  input: isThere,
  output: isThere,
  failure: maybe(isMap),
  dueAt: maybe(isNumber),
  signal: maybe(isText),
  asksForDecision: isFlag,
  fellBack: isFlag,
  reusedFrom: maybe(isText),
  undoes: maybe(isNumber),
  items: maybe(isMap),
};
const view: Form = {
  id: isText,
  workflow: isText,
  version: isText,
  status: isText,
  input: isThere,
  attributes: isMap,
  output: isThere,
  errors: listOf(error),
  reason: maybe(isText),
  blocked: maybe(isText),
  startedAt: isNumber,
  endedAt: maybe(isNumber),
  epoch: isNumber,
  revision: isNumber,
  parent: maybe(isText),
  forkedFrom: maybe(isMap),
  tasks: listOf(task),
  iterations: isMap,
  signals: isMap,
  program: isThere,
} satisfies { readonly [field in keyof RunView]: unknown };
const stand: Form = {
  id: isText,
  workflow: isText,
  status: isText,
  output: isThere,
  errors: listOf(error),
  blocked: maybe(isText),
  startedAt: isNumber,
  endedAt: maybe(isNumber),
} satisfies { readonly [field in keyof RunStand]: unknown };

export function toldView({ view: told }: Told): RunView | undefined {
  // Each field was looked at; what JSON leaves out is undefined.
  return has(told, view) ? (told as unknown as RunView) : undefined;
}

export function toldStand({ stand: told }: Told): RunStand | undefined {
  return has(told, stand) ? (told as unknown as RunStand) : undefined;
}

export function toldHistory({ events: told }: Told): readonly Recorded[] | undefined {
  const history = Array.isArray(told) ? checkHistory(told) : undefined;
  return history?.ok === true ? history.value : undefined;
}

function has(value: Json | undefined, form: Form): boolean {
  return isJsonObject(value) && Object.entries(form).every(([field, is]) => is(value[field]));
}
