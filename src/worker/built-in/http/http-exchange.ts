/** One request and its answer, over a guarded connection of their own. Redirects are the caller's. */

import { type IncomingMessage, request as sendRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ActionError } from '../../action.ts';
import { connectGuarded, type Network, unlessAborted } from './guarded-connection.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Decompressed. */
  readonly bytes: Buffer;
}

/**
 * Sends the request and reads the whole answer.
 *
 * @throws ActionError `address_refused`, `response_too_large`; errors of the system; the reason of `signal`.
 */
export async function exchange(
  request: HttpRequest,
  { network, bytesMax, signal }: { network: Network; bytesMax: number; signal: AbortSignal },
): Promise<HttpAnswer> {
  const { method, url, body } = request;
  const socket = await connectGuarded(url, network, signal);
  try {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = sendRequest({
      method,
      path: `${url.pathname}${url.search}`,
      headers: { ...request.headers, ...length, host: url.host, connection: 'close' },
      createConnection: () => socket,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
    });
    outgoing.end(body);
    const incoming = await unlessAborted(answered, signal);
    const bytes = await unlessAborted(readAll(incoming, bytesMax), signal);
    return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), bytes };
  } finally {
    socket.destroy();
  }
}

function headersOf(incoming: IncomingMessage): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(incoming.headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | string[]
  >;
}

async function readAll(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decompressed(incoming) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) {
      const message = `the response is larger than ${bytesMax} bytes; "max_bytes" sets the limit`;
      throw new ActionError(message, { kind: 'response_too_large', retryable: false });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const decompressors = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body as it was meant. Read piece by piece, so that a small body cannot grow beyond the limit before it is noticed. */
function decompressed(incoming: IncomingMessage): Readable {
  const encoding = (incoming.headers['content-encoding'] ?? '').trim().toLowerCase();
  const decompressor = Object.hasOwn(decompressors, encoding)
    ? decompressors[encoding as keyof typeof decompressors]()
    : undefined;
  if (decompressor === undefined) return incoming;
  // An error on the way reaches the reader of the last stream.
  return pipeline(incoming, decompressor, () => {}) as Readable;
}
