/**
 * `core.http`: one HTTP request, and up to three redirects, through the guard against inner addresses.
 *
 * Input: `url`; `method` (GET); `headers`; `query`; `body` (text as it is, anything else as JSON) or `json`; `timeout` of
 * the whole, redirects included (60 s); `follow_redirects` (3; 0 or false for none); `max_bytes` of the answer, unpacked
 * (4 MiB, at most 16); `accept_status` or `raise_for_status: false`. Result: see `http-result.ts`.
 *
 * H1. A status of 400 or more fails the task with the result, unless it is accepted. Retries can help with 404, 408, 409,
 *     423, 425, 429 and 5xx; other 4xx say that the request is wrong, and are not tried again unless `retry` has a `when`.
 * H2. Every hop goes through `connectGuarded`: what it says holds for redirects too.
 * H3. The log gets method, origin, path, status and size of every hop: no query and no credentials.
 */

import type { Json } from '../../../base/index.ts';
import { ActionError, type AnyAction, defineAction } from '../../action.ts';
import { attemptOf } from '../../attempt-context.ts';
import type { Machine } from '../machine.ts';
import type { Network } from './guarded-connection.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts';
import { type HttpInput, readHttpInput } from './http-input.ts';
import { type HttpResult, httpResult } from './http-result.ts';
import { redirected } from './redirect.ts';

export function httpAction(machine: Machine, network: Network): AnyAction {
  return defineAction<Json, HttpResult>({
    name: 'core.http',
    async handler(input, context) {
      const attempt = attemptOf(context);
      const request = readHttpInput(input);
      const deadline = new AbortController();
      const cancelDeadline = machine.after(request.timeoutMs, () => {
        const message = `${nameOf(request.request)} took longer than ${request.timeoutMs / 1000} s`;
        deadline.abort(new ActionError(message, { kind: 'timeout' }));
      });
      try {
        return await answered(request, {
          network,
          signal: AbortSignal.any([attempt.signal, deadline.signal]),
          holdsSecret: (text) => attempt.redact(text) !== text,
          log: attempt.log,
        });
      } finally {
        cancelDeadline();
      }
    },
  });
}

interface Surroundings {
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly holdsSecret: (text: string) => boolean;
  readonly log: (text: string) => void;
}

async function answered(input: HttpInput, surroundings: Surroundings): Promise<HttpResult> {
  const { log, holdsSecret } = surroundings;
  let request = input.request;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await sent(request, input.bytesMax, surroundings);
    log(`${nameOf(request)}: ${answer.status}, ${answer.bytes.length} bytes`);
    const next = input.redirectsMax === 0 ? undefined : redirected(request, answer, holdsSecret);
    const result = httpResult(request.url, answer);
    if (next === undefined) return accepted(result, request, input);
    if (redirects >= input.redirectsMax) {
      const message = `${nameOf(input.request)} was redirected more than ${input.redirectsMax} times`;
      throw new ActionError(message, { kind: 'too_many_redirects', retryable: false, result });
    }
    request = next;
  }
}

async function sent(request: HttpRequest, bytesMax: number, { network, signal }: Surroundings): Promise<HttpAnswer> {
  try {
    return await exchange(request, { network, bytesMax, signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ActionError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ActionError(`${nameOf(request)} could not be carried out: ${explained(code)}`, {
      kind: 'connection_failed',
      cause: error,
    });
  }
}

const explanations: { readonly [code: string]: string } = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host could not be resolved',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was closed before the answer was complete',
  ETIMEDOUT: 'the host does not answer',
};

function explained(code: string): string {
  return Object.hasOwn(explanations, code) ? `${explanations[code]} (${code})` : code;
}

const mayChange = new Set([404, 408, 409, 423, 425, 429]);

function accepted(result: HttpResult, request: HttpRequest, { fails }: HttpInput): HttpResult {
  const { status_code: status } = result;
  if (!fails(status)) return result;
  const retryable = status >= 500 || mayChange.has(status);
  throw new ActionError(`${nameOf(request)} answered ${status}`, { kind: 'http_status', retryable, result });
}

/** The request in a message: no query, which may hold keys. */
function nameOf({ method, url }: HttpRequest): string {
  return `${method} ${url.origin}${url.pathname}`;
}
