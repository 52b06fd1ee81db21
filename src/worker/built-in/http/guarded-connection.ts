/**
 * Connections that reach only where they may: the guard against requests that are lured to inner services (SSRF).
 *
 * C1. A name is resolved once, here, and the connection goes to the addresses that were checked: an answer that changes
 *     between check and use has no second chance.
 * C2. One address of a name that may not be reached refuses the name: a mix of public and inner addresses is an attack or
 *     a mistake.
 * C3. The address at the other end is checked again once it is connected, before a byte is sent.
 * C4. No proxy and no shared connection: neither the environment nor an earlier request has a say.
 * C5. Certificates are always verified.
 */

import { lookup as resolveName } from 'node:dns/promises';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ActionError } from '../../action.ts';
import { type AddressKind, addressKind } from './network-address.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

export interface Network {
  /** True: any address may be reached. */
  readonly allowPrivate: boolean;
  /** All addresses of a name; default the system's resolver. */
  readonly resolve?: Resolve;
  /** What an address is; default `addressKind`. */
  readonly kindOf?: (address: string) => AddressKind;
}

/** How long one address of several is tried before the next is, too. */
const nextAddressAfterMs = 1_000;

const systemResolve: Resolve = (host) => resolveName(host, { all: true });

/**
 * A connection to the host of `url`, with TLS for https.
 *
 * @throws ActionError `address_refused`; errors of the system where it cannot be reached; the reason of `signal`.
 */
export async function connectGuarded(url: URL, network: Network, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = await addressesOf(host, network, signal);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const socket = connectTcp({
    host,
    port,
    lookup: answerWith(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressAfterMs,
    signal,
  });
  await once(socket, 'connect', signal);
  try {
    requireAllowed(socket.remoteAddress ?? 'nothing', host, network);
    if (url.protocol !== 'https:') return socket;
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const secure = connectTls({ socket, host, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'], ...servername });
    await once(secure, 'secureConnect', signal);
    return secure;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function addressesOf(host: string, network: Network, signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host);
  const addresses =
    family === 0 ? await unlessAborted((network.resolve ?? systemResolve)(host), signal) : [{ address: host, family }];
  for (const { address } of addresses) requireAllowed(address, host, network);
  return addresses;
}

/** @throws ActionError `address_refused`. What a name stands for inside is not told. */
function requireAllowed(address: string, host: string, { allowPrivate, kindOf = addressKind }: Network): void {
  const kind = kindOf(address);
  if (allowPrivate || kind === 'public') return;
  const what = host === address ? `${host} is` : `"${host}" stands for`;
  const message = `${what} an address that is not public (${kind}); --allow-private-network lets core.http reach it`;
  throw new ActionError(message, { kind: 'address_refused', retryable: false });
}

/** A resolver that knows one answer. */
function answerWith(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (host, options, callback) => {
    const wanted = addresses.filter(({ family }) => !options.family || family === options.family);
    const [first] = wanted;
    if (first === undefined) callback(Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' }), '', 0);
    else if (options.all === true) callback(null, [...wanted], 0);
    else callback(null, first.address, first.family);
  };
}

function once(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return unlessAborted(
    new Promise<void>((resolve, reject) => {
      socket.once(event, resolve);
      // Stays: an error after the connection was made belongs to the request, which hears it too.
      socket.on('error', reject);
      socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    }),
    signal,
  ).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** What `work` gives, or the reason of `signal` as soon as it is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}
