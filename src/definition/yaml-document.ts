/**
 * Reads a document's text into a tree with positions.
 *
 * The text is scanned first (`yaml-scan.ts`), so nothing here meets more than the limits allow. The library composes the
 * nodes and finds broken YAML; what a plain scalar means, which keys are the same, and what an alias stands for is decided
 * here: the library's check of unique keys takes a minute for 60,000 of them.
 */

import { Composer, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { type DocumentLimits, defaultLimits } from './limits.ts';
import type { LineIndex } from './position.ts';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-node.ts';
import { otherReading, readScalar, type ScalarReading } from './yaml-scalar.ts';
import { scanYaml, type YamlFault } from './yaml-scan.ts';

export interface YamlDocument {
  /** Absent where the text is too broken to have a tree. An empty document is a null scalar. */
  readonly root?: YamlNode;
  readonly faults: readonly YamlFault[];
  /** Values that YAML 1.2 reads differently, and other oddities that are no errors. */
  readonly doubts: readonly YamlFault[];
}

const faultsMax = 100;
const coreTagPrefix = 'tag:yaml.org,2002:';

/** Reads `text` as YAML 1.1. Never throws. */
export function readYaml(text: string, lines: LineIndex, limits: DocumentLimits = defaultLimits): YamlDocument {
  const scanned = scanYaml(text, limits);
  if ('fault' in scanned) return { faults: [scanned.fault], doubts: [] };
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document] = [...composer.compose(scanned.tokens, true, text.length)];
  if (!document) return { faults: [], doubts: [], root: nothingAt(0) };
  if (document.errors.length > 0) return { faults: brokenYaml(document), doubts: [] };
  const builder = new TreeBuilder(text, limits, lines);
  const root = builder.build(document.contents as Node | null);
  return { root, faults: builder.faults, doubts: builder.doubts };
}

function brokenYaml(document: Document): YamlFault[] {
  const seen = new Set<number>();
  const faults: YamlFault[] = [];
  for (const error of document.errors) {
    const offset = error.pos[0];
    if (seen.has(offset) || faults.length >= faultsMax) continue;
    seen.add(offset);
    faults.push({ code: 'broken_yaml', message: brokenMessage(error.code, error.message), offset });
  }
  return faults;
}

const hints: { readonly [code: string]: string } = {
  BAD_ALIAS: 'Quote text that begins with "*".',
  BAD_INDENT: 'Indent with spaces, each level deeper than the one above it.',
  BAD_QUOTE_INDENT: 'Indent the lines of a quoted text.',
  BLOCK_AS_IMPLICIT_KEY: 'Quote a value that holds ": ", or put the nested keys on lines of their own.',
  BLOCK_IN_FLOW: 'Write block lists and maps outside of brackets.',
  IMPOSSIBLE: 'Simplify this part of the document.',
  KEY_OVER_1024_CHARS: 'Shorten the key.',
  MISSING_CHAR: 'Quote text that holds ": ", or close the quote or bracket.',
  MULTILINE_IMPLICIT_KEY: 'Write the key on one line, and put ": " after it.',
  MULTIPLE_ANCHORS: 'Keep one anchor.',
  MULTIPLE_TAGS: 'Keep one tag.',
  TAB_AS_INDENT: 'Indent with spaces instead.',
  UNEXPECTED_TOKEN: 'Quote text that begins with a sign of YAML.',
};

function brokenMessage(code: string, text: string): string {
  const sentence = text
    .replace(/\s+/g, ' ')
    .replace(/ (["'])quote/, ' $1 quote')
    .trim();
  const ended = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
  return `This is not valid YAML: ${ended} ${hints[code] ?? 'Quote the value, or check its indentation.'}`;
}

function nothingAt(offset: number): YamlScalar {
  return { kind: 'scalar', value: null, isFloat: false, isPlain: true, start: offset, end: offset };
}

class TreeBuilder {
  readonly faults: YamlFault[] = [];
  readonly doubts: YamlFault[] = [];
  readonly #text: string;
  readonly #limits: DocumentLimits;
  readonly #lines: LineIndex;
  readonly #anchors = new Map<string, { node: Node; isOpen: boolean }>();
  #aliasesOpen = 0;
  /** Entries made by writing aliases out; all others were counted by the scan. */
  #copies = 0;
  #isFull = false;

  constructor(text: string, limits: DocumentLimits, lines: LineIndex) {
    this.#text = text;
    this.#limits = limits;
    this.#lines = lines;
  }

  build(contents: Node | null): YamlNode {
    return this.#node(contents, 0, 0);
  }

  #node(node: Node | null | undefined, at: number, depth: number): YamlNode {
    if (!node) return nothingAt(at);
    const [start, end] = node.range ?? [at, at, at];
    if (depth >= this.#limits.depthMax && !isScalar(node) && !isAlias(node)) {
      this.#fault(
        'nested_too_deeply',
        `Lists and maps are nested more than ${this.#limits.depthMax} levels deep here: flatten the document.`,
        start,
      );
      return nothingAt(start);
    }
    if (isAlias(node)) return this.#alias(node.source, start, depth);
    if (!('anchor' in node) || !node.anchor) return this.#content(node, start, end, depth);
    const anchor = { node, isOpen: true };
    this.#anchors.set(node.anchor, anchor);
    const built = this.#content(node, start, end, depth);
    anchor.isOpen = false;
    return built;
  }

  #content(node: Node, start: number, end: number, depth: number): YamlNode {
    if (isScalar(node)) return this.#scalar(node, start, end);
    if (isSeq(node)) return this.#list(node.items as (Node | null)[], start, end, depth);
    if (isMap(node)) return this.#map(node.items as Pair<Node | null, Node | null>[], start, end, depth);
    return nothingAt(start);
  }

  #alias(name: string, at: number, depth: number): YamlNode {
    const anchor = this.#anchors.get(name);
    if (anchor && !anchor.isOpen) {
      const [start, end] = anchor.node.range ?? [at, at, at];
      this.#aliasesOpen += 1;
      const built = this.#content(anchor.node, start, end, depth);
      this.#aliasesOpen -= 1;
      return built;
    }
    this.#fault(
      anchor ? 'alias_in_itself' : 'unknown_alias',
      anchor
        ? `The alias *${name} stands inside the value that it names: write the value out.`
        : `The alias *${name} has no anchor &${name} before it: define the anchor, or quote the text.`,
      at,
    );
    return nothingAt(at);
  }

  #list(items: readonly (Node | null)[], start: number, end: number, depth: number): YamlNode {
    const nodes: YamlNode[] = [];
    for (const item of items) {
      if (!this.#hasRoomAt(start)) break;
      // `[a: b]` is a list of one map.
      const at = nodes.at(-1)?.end ?? start;
      const pair = item as unknown as Pair<Node | null, Node | null> | null;
      nodes.push(
        pair && typeof pair === 'object' && 'key' in pair && !('range' in pair)
          ? this.#map([pair], at, at, depth + 1)
          : this.#node(item, at, depth + 1),
      );
    }
    return { kind: 'list', items: nodes, start, end };
  }

  #map(pairs: readonly Pair<Node | null, Node | null>[], start: number, end: number, depth: number): YamlMap {
    const entries: YamlEntry[] = [];
    const seen = new Map<string, number>();
    for (const pair of pairs) {
      if (!this.#hasRoomAt(start)) break;
      const keyNode = this.#key(pair.key, start, depth);
      if (!keyNode) continue;
      const value = this.#node(pair.value, keyNode.end, depth + 1);
      const key = keyNode.value === null ? 'null' : String(keyNode.value);
      const first = seen.get(key);
      if (first !== undefined) {
        this.#duplicate(key, keyNode.start, first);
        continue;
      }
      seen.set(key, keyNode.start);
      entries.push({ key, keyNode, value });
    }
    return { kind: 'map', entries, start, end };
  }

  #key(node: Node | null, at: number, depth: number): YamlScalar | undefined {
    const start = node?.range?.[0] ?? at;
    if (isScalar(node) && node.source === '<<' && node.type === 'PLAIN') {
      this.#fault('merge_key', 'Merge keys (<<) are not part of the language: write the keys out.', start);
      return undefined;
    }
    const built = this.#node(node, at, depth + 1);
    if (built.kind === 'scalar') return built;
    this.#fault(
      'key_not_text',
      `A key must be text, and here ${built.kind === 'list' ? 'a list' : 'a map'} stands in its place: quote the value if it is an expression such as "{{ … }}".`,
      start,
    );
    return undefined;
  }

  #scalar(node: Scalar, start: number, end: number): YamlScalar {
    const isPlain = node.type === 'PLAIN' || node.type === undefined;
    const source = isPlain ? (node.source ?? '') : String(node.value ?? '');
    const reading = this.#reading(node, source, isPlain, start);
    if (reading.type === 'reserved') {
      this.#fault(
        'reserved_text',
        `The text ${source} has a meaning of its own in YAML 1.1: write '${source}' in quotes.`,
        start,
      );
    } else if ((reading.type === 'integer' || reading.type === 'float') && !isSafe(reading)) {
      this.#fault(
        'number_not_exact',
        `The number ${source} cannot be kept exactly: write it in quotes as text, or use a smaller one.`,
        start,
      );
    }
    const textStart = this.#textStart(node, source, start, end);
    const scalar = { value: reading.value, isFloat: reading.type === 'float', isPlain, start, end } as const;
    return { kind: 'scalar', ...scalar, ...(textStart === undefined ? {} : { textStart }) };
  }

  #textStart(node: Scalar, value: string, start: number, end: number): number | undefined {
    if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') return undefined;
    const at = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? start + 1 : start;
    return at + value.length <= end && this.#text.startsWith(value, at) ? at : undefined;
  }

  #reading(node: Scalar, source: string, isPlain: boolean, at: number): ScalarReading {
    if (node.tag === '!') return { type: 'text', value: source };
    if (node.tag?.startsWith(coreTagPrefix)) {
      return this.#tagged(node.tag.slice(coreTagPrefix.length), source, readScalar(source), at);
    }
    if (!isPlain) return { type: 'text', value: source };
    const reading = readScalar(source);
    this.#doubt(source, reading, at);
    return reading;
  }

  #tagged(tag: string, source: string, reading: ScalarReading, at: number): ScalarReading {
    if (tag === 'str') return { type: 'text', value: source };
    if (tag === 'float' && reading.type === 'integer') return { type: 'float', value: reading.value };
    const expected = { int: 'integer', float: 'float', bool: 'boolean', null: 'null' }[tag];
    if (expected === reading.type) return reading;
    this.#fault('wrong_tag', `The tag !!${tag} does not fit the value ${source}: write the value without a tag.`, at);
    return { type: 'text', value: source };
  }

  #doubt(source: string, reading: ScalarReading, at: number): void {
    const other = otherReading(source, reading);
    if (!other || reading.type === 'reserved' || this.doubts.length >= faultsMax) return;
    const message = `${source} is read as ${described(reading)} here (YAML 1.1); other tools may read ${described(other)} (YAML 1.2): write ${advice(source, reading)}.`;
    this.doubts.push({ code: 'yaml_versions_differ', message, offset: at });
  }

  #duplicate(key: string, at: number, first: number): void {
    const { line, column } = this.#lines.at(first);
    this.#fault(
      'duplicate_key',
      `The key "${key}" stands twice in this map, first at line ${line}, column ${column}: remove or rename one of them.`,
      at,
    );
  }

  #hasRoomAt(offset: number): boolean {
    if (this.#aliasesOpen === 0 || ++this.#copies <= this.#limits.copiesMax) return true;
    if (!this.#isFull) {
      this.#isFull = true;
      const message = `The aliases of the document stand for more than ${this.#limits.copiesMax} keys and list items: use fewer.`;
      this.#fault('too_many_entries', message, offset);
    }
    return false;
  }

  #fault(code: string, message: string, offset: number): void {
    if (this.faults.length < faultsMax) this.faults.push({ code, message, offset });
  }
}

function isSafe(reading: { type: 'integer' | 'float'; value: number }): boolean {
  return reading.type === 'integer' ? Number.isSafeInteger(reading.value) : Number.isFinite(reading.value);
}

function described(reading: ScalarReading): string {
  if (reading.type === 'null') return 'null';
  if (reading.type === 'text' || reading.type === 'reserved') return 'text';
  if (reading.type === 'boolean') return `the boolean ${reading.value}`;
  return `the number ${reading.value}`;
}

function advice(source: string, reading: ScalarReading): string {
  if (reading.type === 'text') return `"${source}"`;
  return `${reading.value}, or "${source}" for text`;
}
