/** Where memories are kept: one value for each conversation and memory. */

import type { Json } from '../base/index.ts';

/** Keeps what memories remember. Give your own, over a file or a database, to remember beyond the process. */
export interface ConversationStore {
  /** What was written last; undefined where nothing was. */
  read(conversation: string, memory: string): Promise<Json | undefined>;
  /** Takes the place of what was there. A memory writes one value of a conversation at a time. */
  write(conversation: string, memory: string, value: Json): Promise<void>;
}

/** Keeps everything in this process, for as long as it lives; nothing is ever dropped. Values are copied in and out. */
export function inProcessConversations(): ConversationStore {
  const texts = new Map<string, string>();
  const keyOf = (conversation: string, memory: string): string => JSON.stringify([conversation, memory]);
  return {
    async read(conversation, memory) {
      const text = texts.get(keyOf(conversation, memory));
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    async write(conversation, memory, value) {
      texts.set(keyOf(conversation, memory), JSON.stringify(value));
    },
  };
}
