/**
 * Goes over a document's tokens before anything is built from them, and refuses what would cost too much to build.
 *
 * The YAML library composes recursively: 40 KB of `[` end the whole process, not with an error but with an abort. Its lexer
 * is a loop, linear in the text, and so is its parser of tokens; both are run here, token by token, and stop at the first
 * limit that is passed. Since the library's own lexer says what is a bracket and what is text, brackets in a long block
 * scalar, in quotes or in an expression never count.
 *
 * 1. No token reaches the parser once a limit is passed.
 * 2. Depth is counted roughly here, at least half and at most one more than that of the tree; the exact depth is checked
 *    when the tree is built.
 */

import { CST, Lexer, Parser } from 'yaml';
import type { DocumentLimits } from './limits.ts';
import { didYouMean } from './suggestion.ts';

/** Something wrong with the text at `offset`. */
export interface YamlFault {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
}

export type ScannedTokens = { readonly tokens: readonly CST.Token[] } | { readonly fault: YamlFault };

const coreTags = new Set(['!!str', '!!int', '!!float', '!!bool', '!!null', '!!seq', '!!map', '!']);

/** The parser's tokens for `text`, or the first reason to refuse it. */
export function scanYaml(text: string, limits: DocumentLimits): ScannedTokens {
  const early = refuseBeforeReading(text, limits);
  if (early) return { fault: early };
  const watch = new TokenWatch(limits);
  const lexemes: string[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    const fault = watch.see(lexeme);
    if (fault) return { fault };
    lexemes.push(lexeme);
  }
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of lexemes) {
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: YAML forbids them, so they are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function refuseBeforeReading(text: string, limits: DocumentLimits): YamlFault | undefined {
  if (text.length > limits.sizeMax) {
    const message = `The document has ${text.length} characters and may have ${limits.sizeMax}: pass large data as input instead.`;
    return { code: 'document_too_large', message, offset: 0 };
  }
  const control = forbidden.exec(text);
  if (!control) return undefined;
  const name = `U+${control[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const message = `The character ${name} may not stand in a YAML document: remove it, or write it as an escape in double quotes.`;
  return { code: 'control_character', message, offset: control.index };
}

class TokenWatch {
  readonly #limits: DocumentLimits;
  #offset = 0;
  #lineStart = 0;
  #tokens = 0;
  #entries = 0;
  #anchors = 0;
  /** Keys so far of each map in brackets that is open; a list's stay below any limit. */
  readonly #flowKeys: number[] = [];
  readonly #columns: number[] = [];
  /** Keys so far of the block map at each of `#columns`. */
  readonly #blockKeys: number[] = [];
  #leadsLine = true;
  #isScalarNext = false;
  #hasContent = false;
  #isClosed = false;

  constructor(limits: DocumentLimits) {
    this.#limits = limits;
  }

  see(lexeme: string): YamlFault | undefined {
    if (lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END) return undefined;
    if (lexeme === CST.SCALAR) {
      this.#isScalarNext = true;
      return undefined;
    }
    const fault = this.#isScalarNext ? this.#seeNode() : this.#seeSign(lexeme);
    this.#isScalarNext = false;
    this.#advance(lexeme);
    return fault ?? (++this.#tokens > this.#limits.tokensMax ? this.#tooManyEntries() : undefined);
  }

  #advance(lexeme: string): void {
    this.#offset += lexeme.length;
    const newline = lexeme.lastIndexOf('\n');
    if (newline === -1) return;
    this.#lineStart = this.#offset - lexeme.length + newline + 1;
    this.#leadsLine = true;
  }

  #seeSign(lexeme: string): YamlFault | undefined {
    const type = CST.tokenType(lexeme);
    switch (type) {
      case 'space':
      case 'newline':
      case 'comment':
      case 'byte-order-mark':
        return undefined;
      case 'doc-start':
        return this.#seeDocumentStart();
      case 'doc-end':
        this.#isClosed = this.#hasContent;
        return undefined;
      case 'directive-line':
        return undefined;
      case 'flow-map-start':
      case 'flow-seq-start':
        return (
          this.#seeNode() ??
          (this.#columns.length + this.#flowKeys.push(type === 'flow-map-start' ? 1 : -Infinity) >
          this.#limits.depthMax + 1
            ? this.#tooDeep()
            : undefined)
        );
      case 'flow-map-end':
      case 'flow-seq-end':
        this.#flowKeys.pop();
        return undefined;
      case 'comma':
        return this.#countKey(this.#flowKeys) ?? this.#countEntry();
      case 'seq-item-ind':
      case 'explicit-key-ind':
        return this.#seeIndicator() ?? this.#countEntry();
      case 'map-value-ind':
        return (
          (this.#leadsLine ? this.#seeIndicator() : undefined) ??
          (this.#flowKeys.length === 0 ? this.#countKey(this.#blockKeys) : undefined) ??
          this.#countEntry()
        );
      case 'anchor':
      case 'alias':
      case 'tag':
        return this.#seeProperty(lexeme, type);
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        return this.#seeNode() ?? this.#seeQuoted(lexeme);
      default:
        return this.#seeNode();
    }
  }

  #seeNode(): YamlFault | undefined {
    const fault = this.#seeIndicator();
    this.#leadsLine = false;
    this.#hasContent = true;
    return fault ?? (this.#isClosed ? this.#secondDocument() : undefined);
  }

  /** The lexer ends a quoted text at the end of the document, or where a line stands too far left to belong to it. */
  #seeQuoted(lexeme: string): YamlFault | undefined {
    const quote = lexeme[0]!;
    if (lexeme.length > 1 && lexeme.endsWith(quote)) return undefined;
    const message = `This is not valid YAML: the text that begins with ${quote} here is never closed: add ${quote} at its end, or indent its further lines.`;
    return this.#fault('unclosed_quote', message);
  }

  /** Keeps the columns at which the open block lists and maps begin; what stands at a line's head opens or closes some. */
  #seeIndicator(): YamlFault | undefined {
    this.#hasContent = true;
    if (!this.#leadsLine || this.#flowKeys.length > 0) return undefined;
    const column = this.#offset - this.#lineStart;
    while (this.#columns.length > 0 && this.#columns.at(-1)! > column) {
      this.#columns.pop();
      this.#blockKeys.pop();
    }
    if (this.#columns.at(-1) === column) return undefined;
    this.#columns.push(column);
    this.#blockKeys.push(0);
    return this.#columns.length > this.#limits.depthMax + 1 ? this.#tooDeep() : undefined;
  }

  #seeDocumentStart(): YamlFault | undefined {
    if (this.#hasContent) return this.#secondDocument();
    this.#hasContent = true;
    return undefined;
  }

  #seeProperty(lexeme: string, type: 'anchor' | 'alias' | 'tag'): YamlFault | undefined {
    const node = this.#seeNode();
    if (node) return node;
    if (type === 'tag' && !coreTags.has(lexeme)) {
      const hint = didYouMean(lexeme, coreTags);
      const message = `The tag ${shortened(lexeme)} is not known here: write the value without a tag.${hint}`;
      return this.#fault('custom_tag', message);
    }
    if (++this.#anchors <= this.#limits.anchorsMax) return undefined;
    const message = `The document uses more than ${this.#limits.anchorsMax} anchors, aliases and tags: write the values out.`;
    return this.#fault('too_many_anchors', message);
  }

  /** Counts a key of the innermost of the maps that are open. */
  #countKey(keys: number[]): YamlFault | undefined {
    const innermost = keys.length - 1;
    if (innermost === -1) return undefined;
    const count = keys[innermost]! + 1;
    keys[innermost] = count;
    if (count <= this.#limits.keysMax) return undefined;
    const message = `A map has more than ${this.#limits.keysMax} keys here: pass large data as input instead.`;
    return this.#fault('too_many_entries', message);
  }

  #countEntry(): YamlFault | undefined {
    return ++this.#entries > this.#limits.entriesMax ? this.#tooManyEntries() : undefined;
  }

  #tooManyEntries(): YamlFault {
    const message = `The document has more than ${this.#limits.entriesMax} keys and list items: pass large data as input instead.`;
    return this.#fault('too_many_entries', message);
  }

  #tooDeep(): YamlFault {
    const message = `Lists and maps are nested more than ${this.#limits.depthMax} levels deep here: flatten the document.`;
    return this.#fault('nested_too_deeply', message);
  }

  #secondDocument(): YamlFault {
    const message =
      'A second YAML document begins here: keep one workflow in a file and remove the "---" or "..." between them.';
    return this.#fault('several_documents', message);
  }

  #fault(code: string, message: string): YamlFault {
    return { code, message, offset: this.#offset };
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
