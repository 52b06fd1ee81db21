/** The result of `core.http`: what the server answered, as data. */

import type { Json, JsonObject } from '../../../base/index.ts';
import type { HttpAnswer } from './http-exchange.ts';

export interface HttpResult extends JsonObject {
  readonly status_code: number;
  /** Names in lower case; repeated ones joined, but `set-cookie` is a list. */
  readonly headers: JsonObject;
  /** Parsed where the answer is JSON, text otherwise. */
  readonly body: Json;
  readonly parsed: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** Seconds to wait, where the server said so. */
  readonly retry_after: number | null;
}

export function httpResult(url: URL, { status, headers, bytes }: HttpAnswer): HttpResult {
  const type = String(headers['content-type'] ?? '').toLowerCase();
  const text = decoded(bytes, type);
  const json = /^application\/(?:[^;]*\+)?json(?:\s*;|\s*$)/.test(type) ? parsedJson(text) : undefined;
  return {
    status_code: status,
    headers: headers as JsonObject,
    body: json === undefined ? text : json,
    parsed: json !== undefined,
    url: url.href,
    retry_after: retryAfter(headers),
  };
}

function decoded(bytes: Buffer, type: string): string {
  const charset = /;\s*charset="?([^";\s]+)/.exec(type)?.[1];
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Seconds, from a number or from a date; a date counts from the server's own. */
function retryAfter(headers: HttpAnswer['headers']): number | null {
  const given = String(headers['retry-after'] ?? '').trim();
  if (/^[0-9]{1,9}$/.test(given)) return Number(given);
  const seconds = (Date.parse(given) - Date.parse(String(headers.date ?? ''))) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
