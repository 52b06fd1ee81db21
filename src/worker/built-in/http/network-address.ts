/**
 * Which network an IP address belongs to. Pure: text in, a word out.
 *
 * An address is `public` only if it is in none of the blocks that IANA keeps for special purposes. Of IPv6 only the
 * global unicast block 2000::/3 can be public, so that blocks yet unknown are not; and an address that carries an IPv4
 * address within (mapped, NAT64, 6to4, Teredo) never is, whatever it carries.
 *
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890); RFC 4291, 6052, 3056, 4380.
 */

export type AddressKind =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link_local'
  | 'multicast'
  | 'documentation'
  | 'benchmark'
  | 'metadata'
  | 'embedded_ipv4'
  | 'reserved'
  | 'unreadable';

type Block = readonly [prefix: string, bits: number, kind: AddressKind];

const blocks4: readonly Block[] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link_local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, 'embedded_ipv4'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmark'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  // Azure's service of machine metadata has an address that is public by its block.
  ['168.63.129.16', 32, 'metadata'],
];

const blocks6: readonly Block[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['::', 96, 'embedded_ipv4'],
  ['::ffff:0:0', 96, 'embedded_ipv4'],
  ['::ffff:0:0:0', 96, 'embedded_ipv4'],
  ['64:ff9b::', 96, 'embedded_ipv4'],
  ['64:ff9b:1::', 48, 'embedded_ipv4'],
  ['2001::', 32, 'embedded_ipv4'],
  ['2001:2::', 48, 'benchmark'],
  ['2001:db8::', 32, 'documentation'],
  ['2001::', 23, 'reserved'],
  ['2002::', 16, 'embedded_ipv4'],
  ['3fff::', 20, 'documentation'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link_local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
  ['2000::', 3, 'public'],
];

/** What kind of address `text` is; an IPv6 address may have a zone (`%eth0`). The first block that holds it counts. */
export function addressKind(text: string): AddressKind {
  const bytes = parseAddress(text);
  if (bytes === undefined) return 'unreadable';
  const blocks = bytes.length === 4 ? parsed4 : parsed6;
  const block = blocks.find(({ prefix, bits }) => startsWith(bytes, prefix, bits));
  return block?.kind ?? (bytes.length === 4 ? 'public' : 'reserved');
}

/** The 4 or 16 bytes of an address in its usual text form; undefined for anything else. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (!text.includes(':')) return parse4(text);
  return parse6(text.replace(/%.*$/s, ''));
}

function parse4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parse6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** The bytes of groups between colons; the last may be an IPv4 address where the text ends. */
function groups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const last = endsAddress && index === parts.length - 1 ? parse4(part) : undefined;
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 255);
    }
  }
  return bytes;
}

function startsWith(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 255 : 256 - 2 ** (8 - (bits - bit));
    if ((bytes[bit / 8]! & mask) !== (prefix[bit / 8]! & mask)) return false;
  }
  return true;
}

function parsedBlocks(blocks: readonly Block[]) {
  return blocks.map(([prefix, bits, kind]) => ({ prefix: parseAddress(prefix)!, bits, kind }));
}

const parsed4 = parsedBlocks(blocks4);
const parsed6 = parsedBlocks(blocks6);
