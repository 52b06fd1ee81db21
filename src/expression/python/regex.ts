/**
 * Python's `re` on a linear-time engine: no pattern takes longer than its length times the text's.
 *
 * What that engine cannot do (backreferences, look-ahead and look-behind) is refused with a plain message. Patterns are
 * translated first: Python's `\Z`, `\uXXXX`, `{,n}` and, for text beyond ASCII, its Unicode `\w`, `\d`, `\s`.
 *
 * R1. Positions are in code points, as Python counts.
 */

import { RE2JS } from 're2js';
import { grow, spend } from '../budget.ts';
import { Failure, stop } from '../failure.ts';
import { quoted } from './text.ts';
import { Opaque, type Value } from './values.ts';

/** One match: its groups (null where a group took no part), whole match first, and where they stand in UTF-16 units. */
export interface Match {
  readonly groups: readonly (string | null)[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiLine?: boolean;
  readonly dotAll?: boolean;
}

const patternMax = 10_000;
const beyondAscii = /[^\p{ASCII}]/u;

export class Regex extends Opaque {
  readonly type = 'Pattern';
  readonly source: string;
  readonly key: string;
  private readonly ascii: RE2JS;
  private unicode: RE2JS | null = null;
  private readonly flags: number;

  private constructor(source: string, flags: number) {
    super();
    this.source = source;
    this.flags = flags;
    this.key = `${flags} ${source}`;
    this.ascii = build(source, flags, beyondAscii.test(source));
  }

  get shown(): string {
    return `re.compile(${quoted(this.source)})`;
  }

  /** Names of groups and their numbers. */
  get names(): ReadonlyMap<string, number> {
    return new Map(Object.entries(this.ascii.namedGroups()).map(([name, index]) => [name, Number(index)]));
  }

  /** Compiles, remembering recent patterns. @throws Failure `error` for a pattern that is wrong or not supported. */
  static of(source: string, flags: RegexFlags = {}): Regex {
    const bits =
      (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.multiLine ? RE2JS.MULTILINE : 0) |
      (flags.dotAll ? RE2JS.DOTALL : 0);
    const key = `${bits} ${source}`;
    const known = recent.get(key);
    if (known) return known;
    const regex = new Regex(source, bits);
    if (recent.size >= 200) recent.clear();
    recent.set(key, regex);
    return regex;
  }

  /** The first match at or after `from` (UTF-16 units). */
  search(text: string, from = 0): Match | null {
    spend(1 + Math.floor((text.length - from) / 8));
    const isWide = beyondAscii.test(text);
    if (isWide) this.unicode ??= build(this.source, this.flags, true);
    const matcher = (isWide && this.unicode ? this.unicode : this.ascii).matcher(text);
    if (!matcher.find(from)) return null;
    const count = matcher.groupCount();
    const groups: (string | null)[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let index = 0; index <= count; index++) {
      groups.push(matcher.group(index));
      starts.push(matcher.start(index));
      ends.push(matcher.end(index));
    }
    return { groups, starts, ends };
  }

  /** All matches, left to right, not overlapping. */
  *searchAll(text: string): Generator<Match> {
    for (let from = 0; from <= text.length; ) {
      const match = this.search(text, from);
      if (match === null) return;
      const start = match.starts[0] as number;
      const end = match.ends[0] as number;
      yield match;
      from = end > start ? end : end + (isHighSurrogate(text, end) ? 2 : 1);
    }
  }

  /** `re.split`: the pieces between at most `max` matches (0: all), with the groups of each match between them. */
  split(text: string, max: number): Value[] {
    const pieces: Value[] = [];
    if (max < 0) return [text];
    let from = 0;
    for (const match of this.searchAll(text)) {
      pieces.push(text.slice(from, match.starts[0]), ...match.groups.slice(1));
      from = match.ends[0] as number;
      if (max > 0 && --max === 0) break;
    }
    pieces.push(text.slice(from));
    return pieces;
  }

  /** `re.sub`: `text` with at most `max` matches (0: all) replaced. */
  replace(text: string, replacement: (match: Match) => string, max: number): string {
    if (max < 0) return text;
    let out = '';
    let from = 0;
    for (const match of this.searchAll(text)) {
      const piece = text.slice(from, match.starts[0]) + replacement(match);
      grow(piece.length);
      out += piece;
      from = match.ends[0] as number;
      if (max > 0 && --max === 0) break;
    }
    return out + text.slice(from);
  }

  /** What `\1`, `\g<name>` and escapes in a replacement text stand for. */
  expander(template: string): (match: Match) => string {
    if (!template.includes('\\')) return () => template;
    const parts: (string | number)[] = [];
    const count = this.ascii.groupCount();
    const group = (index: number): number =>
      index <= count ? index : stop('error', `invalid group reference ${index}`);
    const pattern = /\\(?:g<([^>]*)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))|[^\\]+|\\$/g;
    for (const found of template.matchAll(pattern)) {
      const [whole, named, digits, octal, other] = found;
      if (named !== undefined) {
        const index = /^\d+$/.test(named) ? Number(named) : this.names.get(named);
        parts.push(index === undefined ? stop('IndexError', `unknown group name '${named}'`) : group(index));
      } else if (digits !== undefined) parts.push(group(Number(digits)));
      else if (octal !== undefined) parts.push(String.fromCodePoint(Number.parseInt(octal, 8)));
      else if (other !== undefined) {
        const plain = templateEscapes.get(other);
        if (plain === undefined && /[a-zA-Z]/.test(other)) stop('error', `bad escape \\${other}`);
        parts.push(plain ?? (other === '\\' ? '\\' : `\\${other}`));
      } else if (whole === '\\') stop('error', 'bad escape (end of pattern)');
      else parts.push(whole);
    }
    return (match) => parts.map((part) => (typeof part === 'string' ? part : (match.groups[part] ?? ''))).join('');
  }
}

const templateEscapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
]);
const recent = new Map<string, Regex>();

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}

function build(source: string, flags: number, wide: boolean): RE2JS {
  if (source.length > patternMax) stop('limit_exceeded', `A pattern of more than ${patternMax} characters.`);
  const translated = translate(source, wide);
  try {
    return RE2JS.compile(translated, flags);
  } catch (error) {
    const message = error instanceof Error ? error.message.replace('error parsing regexp: ', '') : 'it cannot be read';
    throw new Failure('error', `The pattern ${quoted(source)} is refused: ${message}.`);
  }
}

const wideClasses: { readonly [letter: string]: [string, string] } = {
  d: ['\\p{Nd}', '\\p{Nd}'],
  D: ['\\P{Nd}', '\\P{Nd}'],
  w: ['[\\p{L}\\p{N}_]', '\\p{L}\\p{N}_'],
  W: ['[^\\p{L}\\p{N}_]', ''],
  s: ['[\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}]', '\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}'],
  S: ['[^\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}]', ''],
};

function translate(source: string, wide: boolean): string {
  let out = '';
  let inClass = false;
  let classStart = -1;
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string;
    if (character === '\\') {
      const next = source[at + 1];
      if (next === undefined) stop('error', `The pattern ${quoted(source)} ends in a lone backslash.`);
      const hex = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))/.exec(source.slice(at + 1, at + 10));
      if (hex) {
        out += `\\x{${hex[1] ?? hex[2] ?? hex[3]}}`;
        at += (hex[0] as string).length;
        continue;
      }
      at++;
      if (/[1-9]/.test(next) && !inClass) {
        stop(
          'error',
          `The pattern ${quoted(source)} refers back to a group (\\${next}), which is not supported: patterns run in linear time.`,
        );
      }
      const classes = wide ? wideClasses[next] : undefined;
      const replaced = classes?.[inClass ? 1 : 0];
      if (replaced) out += replaced;
      else if (next === 'Z' && !inClass) out += '\\z';
      else if (next === 's') out += inClass ? '\\s\\x0b\\x1c-\\x1f' : '[\\s\\x0b\\x1c-\\x1f]';
      else if (next === 'S' && !inClass) out += '[^\\s\\x0b\\x1c-\\x1f]';
      else if (next === '0') out += '\\x00';
      else if (next === 'b' && inClass) out += '\\x08';
      else if ('zCQEpP'.includes(next)) stop('error', `bad escape \\${next} in the pattern ${quoted(source)}`);
      else if (!/[\p{ASCII}]/u.test(next) || !/[\p{L}\p{N}.*+?^$|()[\]{}\\]/u.test(next))
        out += next === '-' || next === '&' || next === '~' || next === '#' ? `\\${next}` : next;
      else out += `\\${next}`;
      continue;
    }
    if (inClass) {
      if (character === ']' && at > classStart) inClass = false;
      out += character === '[' ? '\\[' : character;
      continue;
    }
    if (character === '[') {
      inClass = true;
      classStart = at + 1;
      if (source[at + 1] === '^') classStart++;
      out += character;
      continue;
    }
    if (character === '(' && source[at + 1] === '?') {
      const kind = source.slice(at + 2, at + 4);
      if (kind[0] === '=' || kind[0] === '!' || kind === '<=' || kind === '<!') {
        stop(
          'error',
          `The pattern ${quoted(source)} looks ahead or behind (${source.slice(at, at + 4)}), which is not supported: patterns run in linear time.`,
        );
      }
      if (kind === 'P=' || kind[0] === '(') {
        stop(
          'error',
          `The pattern ${quoted(source)} refers back to a group (${source.slice(at, at + 4)}), which is not supported: patterns run in linear time.`,
        );
      }
      if (kind[0] === '<')
        stop('error', `unknown extension ?<${kind[1] ?? ''} in ${quoted(source)}; write (?P<name>…).`);
      if (kind[0] === '#') {
        const close = source.indexOf(')', at);
        if (close < 0) stop('error', 'missing ), unterminated comment');
        at = close;
        continue;
      }
      const inline = /^\(\?([aiLmsux]+)\)/.exec(source.slice(at, at + 12));
      if (inline) {
        const kept = (inline[1] as string).replace(/[auL]/g, '');
        out += kept === '' ? '' : `(?${kept})`;
        at += (inline[0] as string).length - 1;
        continue;
      }
    }
    if (character === '{') {
      const upTo = /^\{,(\d+)\}/.exec(source.slice(at, at + 12));
      if (upTo) {
        out += `{0,${upTo[1]}}`;
        at += (upTo[0] as string).length - 1;
        continue;
      }
    }
    out += character;
  }
  return out;
}
