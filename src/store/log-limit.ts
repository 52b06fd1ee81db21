/**
 * How much of one attempt's output is kept. What fits is kept whole; the chunk that crosses the limit is cut at a
 * character, a note follows it, and the rest is dropped.
 */

import type { LogChunk } from './store.ts';

/** Bytes of output kept for one attempt (of one item), unless the store was opened with another limit. */
export const logLimitBytesDefault = 16 * 1024 * 1024;

/** The text of the row that stands where output was dropped. */
export function cutNote(limitBytes: number): string {
  return `Output beyond ${limitBytes} bytes was not kept.`;
}

/** Names the attempt a chunk counts against. */
export function logAccount({ run, task, attempt, item }: LogChunk): string {
  return `${run} ${task} ${attempt} ${item ?? ''}`;
}

/** What to keep of `text` for an attempt that has `usedBytes` already; a number of used bytes beyond the limit means it was cut before. */
export function withinLimit(
  text: string,
  usedBytes: number,
  limitBytes: number,
): { readonly kept: string; readonly usedBytes: number; readonly cutNow: boolean } {
  if (usedBytes > limitBytes) return { kept: '', usedBytes, cutNow: false };
  const bytes = Buffer.byteLength(text);
  if (usedBytes + bytes <= limitBytes) return { kept: text, usedBytes: usedBytes + bytes, cutNow: false };
  return { kept: firstBytes(text, limitBytes - usedBytes), usedBytes: limitBytes + 1, cutNow: true };
}

/** The longest beginning of `text` that takes at most `bytesMax` bytes of UTF-8 and splits no character. */
function firstBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax));
  return text.slice(0, read);
}
