/**
 * A connection to the engine of another process on this machine: lines of JSON over a local socket or named pipe.
 *
 * Each line of the client is `{id, request}`, each of the server `{id, reply}`; replies come in any order. The socket
 * lies in a directory that only its user can enter. Lines are bounded: a longer one ends the connection.
 */

import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PawlError } from '../base/index.ts';
import type { Connection, Reply, Request } from './connection.ts';

const lineMost = 32 * 1024 * 1024;

/** Serves `connection` at `path` until closed. A file left at the path by a dead process is replaced: only its owner may call this. */
export async function serveLocally(
  path: string,
  connection: Pick<Connection, 'ask'>,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => void answer(socket, connection, line));
  });
  const isPipe = path.startsWith('\\\\');
  if (!isPipe) rmSync(path, { force: true });
  await listen(server, path);
  if (!isPipe) chmodSync(path, 0o600);
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.end();
      }),
  };
}

/**
 * Connects to the engine that listens at `path`. With `keepAlive: false` the connection does not keep this process alive.
 *
 * @throws PawlError `closed`: nobody listens there.
 */
export async function connectLocally(
  path: string,
  { keepAlive = true }: { readonly keepAlive?: boolean } = {},
): Promise<Connection> {
  const socket = connect(path);
  if (!keepAlive) socket.unref();
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) =>
      reject(new PawlError('closed', 'the process that owns the file does not answer', { cause })),
    );
  });
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>();
  let next = 0;
  const fail = (): void => {
    for (const { reject } of waiting.values())
      reject(new PawlError('closed', 'the process that owns the file went away before it answered'));
    waiting.clear();
  };
  socket.on('close', fail);
  socket.on('error', fail);
  readLines(socket, (line) => {
    const { id, reply } = JSON.parse(line) as { id: number; reply: Reply };
    waiting.get(id)?.resolve(reply);
    waiting.delete(id);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new PawlError('closed', 'the connection is closed'));
        const id = next++;
        waiting.set(id, { resolve, reject });
        socket.write(`${JSON.stringify({ id, request })}\n`);
      }),
    close: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.end(() => resolve());
      }),
  };
}

async function answer(socket: Socket, connection: Pick<Connection, 'ask'>, line: string): Promise<void> {
  let id: unknown;
  let reply: Reply;
  try {
    const message = JSON.parse(line) as { id: unknown; request: Request };
    id = message.id;
    reply = await connection.ask(message.request);
  } catch (error) {
    reply = {
      ok: false,
      code: 'bad_input',
      message: `the request could not be read: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (!socket.destroyed) socket.write(`${JSON.stringify({ id, reply })}\n`);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let chunks: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let from = 0;
    for (let end = chunk.indexOf('\n', from); end !== -1; end = chunk.indexOf('\n', from)) {
      onLine(chunks.join('') + chunk.slice(from, end));
      chunks = [];
      length = 0;
      from = end + 1;
    }
    if (from < chunk.length) chunks.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > lineMost) socket.destroy();
  });
}
