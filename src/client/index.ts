export type { Connection, Reply, Request } from './connection.ts';
export { connectLocally, serveLocally } from './local-socket.ts';
