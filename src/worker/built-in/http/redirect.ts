/**
 * What follows from an answer that points elsewhere.
 *
 * The method and body stay with 307 and 308, become GET without a body with 303, and with 301 and 302 of a POST (the
 * Fetch standard). To another origin only headers go along that say nothing of who asks: a key in a header of any name
 * stays here. A way from https to http is not taken, nor one that would give a secret in the body to another origin.
 */

import { ActionError } from '../../action.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';

const harmless = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);
const bodyHeaders = new Set(['content-type', 'content-language', 'content-location', 'content-encoding']);

/** The request that `answer` points to; undefined where it points nowhere. @throws ActionError `redirect_refused` */
export function redirected(
  request: HttpRequest,
  answer: HttpAnswer,
  holdsSecret: (text: string) => boolean,
): HttpRequest | undefined {
  const { location } = answer.headers;
  if (![301, 302, 303, 307, 308].includes(answer.status) || typeof location !== 'string') return undefined;
  const url = URL.parse(location, request.url.href);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refused('to something that is no http(s) URL');
  if (request.url.protocol === 'https:' && url.protocol === 'http:') throw refused('from https to http');
  url.username = '';
  url.password = '';
  url.hash = '';

  const { status } = answer;
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status <= 302 && request.method === 'POST';
  const method = becomesGet ? 'GET' : request.method;
  const body = becomesGet ? undefined : request.body;
  const sameOrigin = url.origin === request.url.origin;
  if (!sameOrigin && body !== undefined && holdsSecret(body))
    throw refused('to another origin with a secret in the body');

  const headers = Object.entries(request.headers).filter(
    ([name, value]) =>
      (sameOrigin || (harmless.has(name) && !holdsSecret(value))) && (body !== undefined || !bodyHeaders.has(name)),
  );
  return { method, url, body, headers: Object.fromEntries(headers) };
}

function refused(what: string): ActionError {
  return new ActionError(`the server redirects ${what}, which is not followed`, {
    kind: 'redirect_refused',
    retryable: false,
  });
}
