/** What clients in this process give: held against JSON at the door, and copied, so that what they do to it later changes no run. */

import { type Json, jsonCopy, jsonFault, PawlError } from '../base/index.ts';

/** @throws PawlError `bad_input` */
export function givenJson(value: unknown, what: string): Json {
  const fault = jsonFault(value);
  if (fault !== undefined) throw new PawlError('bad_input', `${what} is not JSON: ${fault}`);
  return jsonCopy(value as Json);
}
