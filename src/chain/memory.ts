/**
 * What a chain remembers of a conversation: loaded before its first step, saved after its last.
 *
 * M1. A turn that was saved is in every later load; calls of one conversation at the same time lose none, in one memory object.
 * M2. What does not succeed is not remembered.
 */

import { isJsonObject, type Json, jsonFault, PawlError } from '../base/index.ts';
import { type ConversationStore, inProcessConversations } from './conversation-store.ts';

/** Anything that loads and saves can be a chain's memory. */
export interface Memory {
  /** What the chain's steps get as `context.history`, and its first step in its input. */
  load(conversation: string): Promise<Json>;
  /**
   * Remembers one call. Called after it has succeeded, and after its stream was read to the end. `turn` names the call where it may
   * be asked again, after a crash: one that is remembered already is not remembered twice.
   */
  save(conversation: string, input: Json, output: Json, turn?: string): Promise<void>;
}

/** One thing said. What the chain got is the `user`'s, what it gave the `assistant`'s, a summary the `system`'s. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: Json;
}

/** A message as it is kept: with the name of the call it belongs to, where that has one. */
interface KeptMessage extends Message {
  readonly turn?: string;
}

export interface MemoryOptions {
  /** Where it is kept. Default in this process, in a store of its own. */
  readonly store?: ConversationStore | undefined;
  /** Tells memories in one store apart. Default `buffer`, `window` or `summary`. */
  readonly name?: string | undefined;
  /** The field of an input map that is the user's message. Default the whole input. */
  readonly inputKey?: string | undefined;
  /** The field of an output map that is the assistant's. Default the whole output. */
  readonly outputKey?: string | undefined;
}

/** Remembers every turn; loads them as a list of messages, oldest first. A save costs as much as there is. */
export function bufferMemory(options: MemoryOptions = {}): Memory {
  return new MessageMemory('buffer', options, (messages) => messages);
}

/**
 * Remembers the last `turns` turns: a turn is a call, two messages.
 *
 * @throws PawlError `bad_definition`: `turns` is no whole number above 0.
 */
export function windowMemory({ turns, ...options }: MemoryOptions & { readonly turns: number }): Memory {
  requireTurns(turns, 'turns', 1);
  return new MessageMemory('window', options, (messages) => messages.slice(-2 * turns));
}

export interface SummaryMemoryOptions extends MemoryOptions {
  /**
   * Makes one text of the former summary (undefined at first) and the messages that leave. Where it throws, the messages are
   * kept as they are, the call it belongs to fails with its error, and the next turn tries again.
   */
  readonly summarize: (summary: string | undefined, messages: readonly Message[]) => string | Promise<string>;
  /** Turns that are kept word by word; default 4. */
  readonly keep?: number | undefined;
}

/**
 * Remembers the last turns word by word and a summary of what was before, which is the first message then.
 *
 * @throws PawlError `bad_definition`: `keep` is no whole number from 0.
 */
export function summaryMemory({ summarize, keep = 4, ...options }: SummaryMemoryOptions): Memory {
  requireTurns(keep, 'keep', 0);
  return new MessageMemory('summary', options, async (messages) => {
    const [first] = messages;
    const former = first?.role === 'system' ? String(first.content) : undefined;
    const said = former === undefined ? messages : messages.slice(1);
    const leaving = said.slice(0, Math.max(0, said.length - 2 * keep));
    if (leaving.length === 0) return messages;
    const summary = await summarize(former, leaving);
    return [{ role: 'system', content: summary }, ...said.slice(leaving.length)];
  });
}

/** What is to be kept of all messages after a turn was added. */
type Keep = (messages: readonly Message[]) => readonly Message[] | Promise<readonly Message[]>;

class MessageMemory implements Memory {
  readonly #store: ConversationStore;
  readonly #name: string;
  readonly #options: MemoryOptions;
  readonly #keep: Keep;
  /** The last save of each conversation that is under way. */
  readonly #saves = new Map<string, Promise<void>>();

  constructor(kind: string, options: MemoryOptions, keep: Keep) {
    this.#store = options.store ?? inProcessConversations();
    this.#name = options.name ?? kind;
    this.#options = options;
    this.#keep = keep;
  }

  async load(conversation: string): Promise<Json> {
    await this.#saves.get(conversation)?.catch(() => {});
    return (await this.#messages(conversation)).map(asJson);
  }

  save(conversation: string, input: Json, output: Json, turn?: string): Promise<void> {
    const named = turn === undefined ? {} : { turn };
    const said: readonly KeptMessage[] = [
      { role: 'user', content: contentOf(input, this.#options.inputKey), ...named },
      { role: 'assistant', content: contentOf(output, this.#options.outputKey), ...named },
    ];
    const before = this.#saves.get(conversation)?.catch(() => {}) ?? Promise.resolve();
    const saved = before.then(() => this.#add(conversation, said));
    this.#saves.set(conversation, saved);
    const forget = (): void => {
      if (this.#saves.get(conversation) === saved) this.#saves.delete(conversation);
    };
    saved.then(forget, forget);
    return saved;
  }

  async #add(conversation: string, said: readonly KeptMessage[]): Promise<void> {
    const before = await this.#messages(conversation);
    const turn = said[0]?.turn;
    if (turn !== undefined && before.some((message) => message.turn === turn)) return;
    const messages = [...before, ...said];
    let kept: readonly KeptMessage[];
    try {
      kept = await this.#keep(messages);
    } catch (error) {
      await this.#write(conversation, messages);
      throw error;
    }
    await this.#write(conversation, kept);
  }

  #write(conversation: string, messages: readonly KeptMessage[]): Promise<void> {
    return this.#store.write(conversation, this.#name, messages.map(asKept));
  }

  async #messages(conversation: string): Promise<readonly KeptMessage[]> {
    const kept = await this.#store.read(conversation, this.#name);
    if (kept === undefined) return [];
    if (Array.isArray(kept) && kept.every(isMessage)) return kept;
    const message = `what the store keeps of conversation "${conversation}" for the memory "${this.#name}" is no list of messages`;
    throw new PawlError('store_corrupt', message, { details: { conversation, memory: this.#name } });
  }
}

/**
 * The value as Json, for a memory; undefined becomes null.
 *
 * @throws PawlError `bad_input`: it is not Json.
 */
export function rememberable(value: unknown, what: string): Json {
  const given = value === undefined ? null : value;
  const fault = jsonFault(given);
  if (fault === undefined) return given as Json;
  throw new PawlError('bad_input', `the ${what} can not be remembered: ${fault}; give JSON, or no memory`);
}

function contentOf(value: Json, key: string | undefined): Json {
  return key !== undefined && isJsonObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : value;
}

function asJson({ role, content }: Message): Json {
  return { role, content };
}

function asKept({ role, content, turn }: KeptMessage): Json {
  return { role, content, ...(turn === undefined ? {} : { turn }) };
}

function isMessage(value: unknown): value is KeptMessage {
  return isJsonObject(value) && 'content' in value && ['system', 'user', 'assistant'].includes(String(value.role));
}

function requireTurns(count: number, what: string, min: number): void {
  if (Number.isInteger(count) && count >= min) return;
  const message = `the ${what} of a memory is ${count}; give a whole number from ${min}`;
  throw new PawlError('bad_definition', message, { details: { [what]: count } });
}
