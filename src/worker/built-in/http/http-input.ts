/** The input of `core.http`, read and checked. */

import type { Json } from '../../../base/index.ts';
import { InputFields, kindOf } from '../input-fields.ts';
import type { HttpRequest } from './http-exchange.ts';

export interface HttpInput {
  readonly request: HttpRequest;
  readonly timeoutMs: number;
  readonly redirectsMax: number;
  readonly bytesMax: number;
  /** Whether a status fails the task. */
  readonly fails: (status: number) => boolean;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const redirectsLimit = 3;
const timeoutMsDefault = 60_000;
const bytesMaxDefault = 4 * 1024 * 1024;
const bytesMaxLimit = 16 * 1024 * 1024;

/** Headers that frame the message or name its receiver: they follow from the rest. */
const ownHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
]);

const fieldNames = [
  'url',
  'method',
  'headers',
  'query',
  'body',
  'json',
  'timeout',
  'follow_redirects',
  'max_bytes',
  'raise_for_status',
  'accept_status',
];

/** @throws ActionError `invalid_input` */
export function readHttpInput(input: Json): HttpInput {
  const fields = new InputFields('core.http', input, fieldNames);
  const url = readUrl(fields);
  const { body, type } = readBody(fields);
  const headers = {
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'pawl',
    ...type,
    ...credentialsOf(url),
    ...readHeaders(fields),
  };
  url.username = '';
  url.password = '';
  return {
    request: { method: readMethod(fields), url, headers, body },
    timeoutMs: fields.durationMs('timeout') ?? timeoutMsDefault,
    redirectsMax: readRedirects(fields),
    bytesMax: fields.count('max_bytes', 1, bytesMaxLimit) ?? bytesMaxDefault,
    fails: readFails(fields),
  };
}

function readMethod(fields: InputFields): string {
  const method = (fields.text('method') ?? 'GET').toUpperCase();
  if (methods.includes(method)) return method;
  throw fields.fault(`"method" must be one of ${methods.join(', ')}`);
}

function readUrl(fields: InputFields): URL {
  const text = fields.requiredText('url').trim();
  const url = URL.parse(text);
  if (url === null) throw fields.fault('"url" is not a URL; write it whole, such as https://example.org/path');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw fields.fault(`"url" begins with ${url.protocol}; only http: and https: are served`);
  for (const [name, value] of Object.entries(fields.map('query') ?? {})) {
    for (const one of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      if (one === null) continue;
      if (typeof one === 'object')
        throw fields.fault(
          `"${name}" in "query" is ${kindOf(one)}; write text, a number, true or false, or a list of them`,
        );
      url.searchParams.append(name, String(one));
    }
  }
  return url;
}

/** `https://user:password@host` as a header; what `headers` say goes first. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${unescaped(username)}:${unescaped(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readHeaders(fields: InputFields): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [given, value] of Object.entries(fields.map('headers') ?? {})) {
    const name = given.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
      throw fields.fault(`${JSON.stringify(given)} in "headers" is not the name of a header`);
    if (ownHeaders.has(name)) throw fields.fault(`the header "${given}" follows from the request and cannot be set`);
    if (value === null) continue;
    if (typeof value === 'object') throw fields.fault(`the header "${given}" is ${kindOf(value)}; write text`);
    const text = String(value);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
      throw fields.fault(`the header "${given}" holds a line break or another character that headers cannot`);
    headers[name] = text;
  }
  return headers;
}

function readBody(fields: InputFields): { readonly body: string | undefined; readonly type: Record<string, string> } {
  const [body, json] = [fields.value('body'), fields.value('json')];
  if (body !== undefined && json !== undefined) throw fields.fault('it has both "body" and "json"; write one of them');
  if (typeof body === 'string') return { body, type: { 'content-type': 'text/plain; charset=utf-8' } };
  const data = body ?? json;
  if (data === undefined) return { body: undefined, type: {} };
  return { body: JSON.stringify(data), type: { 'content-type': 'application/json' } };
}

function readRedirects(fields: InputFields): number {
  const given = fields.value('follow_redirects');
  if (given === undefined || given === true) return redirectsLimit;
  if (given === false) return 0;
  return fields.count('follow_redirects', 0, redirectsLimit)!;
}

function readFails(fields: InputFields): (status: number) => boolean {
  if (fields.flag('raise_for_status') === false) return () => false;
  const accepted = fields.value('accept_status') ?? [];
  const list = (Array.isArray(accepted) ? accepted : [accepted]) as readonly Json[];
  if (!list.every((status) => typeof status === 'number'))
    throw fields.fault('"accept_status" must be a status, such as 404, or a list of them');
  return (status) => status >= 400 && !list.includes(status);
}
