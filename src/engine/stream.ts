/** The streams of a run: pieces that its function, or a step of it, adds, and readers follow from any place on. */

import { type Json, PawlError, type RunId } from '../base/index.ts';
import { decodeEvents, functionNote, isFinal, type RunState } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';

export interface StreamPiece<Value = Json> {
  /** Its place in the stream, from 0: go on with the next. */
  readonly offset: number;
  readonly value: Value;
  /** The call of the step that added it; undefined where the function itself did. */
  readonly call: number | undefined;
}

/** What drives the run. */
export interface StreamSource {
  state(run: RunId): Promise<RunState | undefined>;
  /** Calls back whenever something of a run has become durable. Returns what ends that. */
  subscribe(listener: (run: RunId) => void): () => void;
  /** Calls back when the run, or any run, is not driven there any more. Returns what ends that. */
  whenStopped(listener: (error: PawlError, run: RunId | undefined) => void): () => void;
  /** Reads what is durable (N1), and nothing of a commit under way. */
  readDurably<T>(read: () => Promise<T>): Promise<T>;
}

const entriesAtOnce = 500;

/**
 * The pieces of a stream that are durable, from `from` on, and then those to come; it ends when the run has. A slow reader holds
 * nothing up: it reads from the store what it has not read.
 *
 * @throws PawlError `not_found`, `store_corrupt`, `closed`: the engine stopped before the run ended; go on with the next place.
 */
export async function* readStream(
  engine: StreamSource,
  store: StoreReader,
  { run, stream, from }: { readonly run: RunId; readonly stream: string; readonly from: number },
): AsyncGenerator<StreamPiece, void> {
  let news = Promise.withResolvers<void>();
  const stop = engine.subscribe((moved) => {
    if (moved === run) news.resolve();
  });
  const stopHearing = engine.whenStopped((error, stopped) => {
    if (stopped === undefined || stopped === run) news.reject(error);
  });
  news.promise.catch(() => {});
  try {
    let offset = 0;
    for (let after = 0; ; ) {
      const state = await engine.state(run);
      if (state === undefined) throw new PawlError('not_found', `there is no run "${run}"`);
      const hasEnded = isFinal(state.status);
      const heard = news.promise;
      for (;;) {
        const entries = await engine.readDurably(() => store.history(run, { after, limit: entriesAtOnce }));
        if (entries === undefined) throw new PawlError('not_found', `run "${run}" was removed`);
        if ('corrupt' in entries)
          throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${entries.reason}`);
        for (const entry of entries) {
          for (const event of decodeEvents(entry, entry.at)) {
            if (event.type !== 'ProgramNoted') continue;
            const note = functionNote(event);
            if (note?.[0] !== 'emitted' || note[1] !== stream) continue;
            const piece = { offset, value: event.values ?? null, call: note[2] };
            offset += 1;
            if (piece.offset >= from) yield piece;
          }
          after = entry.to;
        }
        if (entries.length < entriesAtOnce) break;
      }
      if (hasEnded) return;
      await heard;
      news = Promise.withResolvers<void>();
      news.promise.catch(() => {});
    }
  } finally {
    stop();
    stopHearing();
  }
}
