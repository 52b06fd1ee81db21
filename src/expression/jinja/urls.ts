/** Jinja's `urlencode` and `urlize`. */

import { grow } from '../budget.ts';
import { stop } from '../failure.ts';
import { entriesOf, isMapping } from '../python/dict.ts';
import type { Value } from '../python/values.ts';
import { escapeHtml, plainText, str } from './objects.ts';
import { isIterableValue, iterate, listOf } from './operators.ts';

/** Text percent-encoded, or the pairs of a map or list as a query. */
export function urlQuote(value: Value): string {
  if (plainText(value) !== undefined || !isIterableValue(value)) return quote(str(value), false);
  const pairs: (readonly Value[])[] = isMapping(value)
    ? [...entriesOf(value)]
    : [...iterate(value)].map((row) => listOf(row));
  return pairs
    .map((pair) =>
      pair.length === 2
        ? `${quote(str(pair[0] as Value), true)}=${quote(str(pair[1] as Value), true)}`
        : stop('ValueError', 'not enough values to unpack (expected 2)'),
    )
    .join('&');
}

function quote(text: string, isQuery: boolean): string {
  grow(text.length * 3);
  const encoded = encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return isQuery ? encoded.replaceAll('%20', '+') : encoded.replaceAll('%2F', '/');
}

export interface UrlizeOptions {
  readonly trim: number | null;
  readonly nofollow: boolean;
  readonly target: string | null;
  readonly rel: string | null;
}

const web =
  /^(?:https?:\/\/|www\.)(?:[\p{L}\p{N}_%-]+\.)*(?:[\p{L}\p{N}_%-]+)(?::[\d]{1,5})?(?:[/?#]\S*)?$|^(?:[\p{L}\p{N}_%-]+\.)+(?:com|net|int|edu|gov|org|info|mil)(?::\d{1,5})?(?:[/?#]\S*)?$/iu;
const mail = /^\S+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;

/** Text escaped, its addresses as links. */
export function urlize(text: string, options: UrlizeOptions): string {
  const rels = new Set((options.rel ?? '').split(/\s+/).filter((word) => word !== ''));
  if (options.nofollow) rels.add('nofollow');
  rels.add('noopener');
  const rel = ` rel="${escapeHtml([...rels].sort().join(' ')).markup}"`;
  const target =
    options.target === null || options.target === '' ? '' : ` target="${escapeHtml(options.target).markup}"`;
  const short = (url: string): string =>
    options.trim !== null && url.length > options.trim ? `${url.slice(0, options.trim)}...` : url;
  return escapeHtml(text)
    .markup.split(/(\s+)/)
    .map((word) => {
      const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
      let middle = word.slice(head.length);
      let tail = /(?:[)>.,\n]|&gt;){1,100}$/.exec(middle)?.[0] ?? '';
      middle = middle.slice(0, middle.length - tail.length);
      for (const [open, close] of [
        ['(', ')'],
        ['<', '>'],
        ['&lt;', '&gt;'],
      ] as const) {
        const opened = middle.split(open).length - 1;
        if (opened <= middle.split(close).length - 1) continue;
        for (let times = Math.min(opened, tail.split(close).length - 1); times > 0; times--) {
          const end = tail.indexOf(close) + close.length;
          middle += tail.slice(0, end);
          tail = tail.slice(end);
        }
      }
      if (web.test(middle)) {
        const url = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
        middle = `<a href="${url}"${rel}${target}>${short(middle)}</a>`;
      } else if (middle.startsWith('mailto:') && mail.test(middle.slice(7)))
        middle = `<a href="${middle}">${middle.slice(7)}</a>`;
      else if (middle.includes('@') && !middle.startsWith('www.') && !middle.includes(':') && mail.test(middle)) {
        middle = `<a href="mailto:${middle}">${middle}</a>`;
      }
      return head + middle + tail;
    })
    .join('');
}
