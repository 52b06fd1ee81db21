import type { Json } from '../../base/index.ts';
import { type Action, defineAction } from '../action.ts';

/** `core.echo`: gives its input back; `{message: …}` gives the message. */
export function echoAction(): Action<Json, Json> {
  return defineAction<Json, Json>({
    name: 'core.echo',
    handler(input) {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
      const fields = input as { readonly [key: string]: Json };
      return Object.keys(fields).length === 1 && Object.hasOwn(fields, 'message') ? fields.message! : input;
    },
  });
}
