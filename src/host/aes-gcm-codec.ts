/**
 * Seals with AES-256-GCM.
 *
 * G1. Each run has a key of its own, derived from the named one (HMAC-SHA-256), so that the random nonces of one key do not run out
 *     however many runs there are.
 * G2. The name of the key, the run and the slot are authenticated with the text: sealed text that is moved to another run or slot, or
 *     named after another key, does not open.
 *
 * A sealed text is base64url of nonce (12 bytes), ciphertext (as long as the text in UTF-8) and tag (16).
 */

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto';
import { type Codec, type OpenedText, PawlError, type SealedPlace, type SealedText } from '../base/index.ts';

export interface AesGcmOptions {
  /** Keys of 32 bytes by their names; as text, in base64 or hex. Those that sealed something still needed must be here. */
  readonly keys: { readonly [name: string]: Uint8Array | string };
  /** The key that seals from now on; null: nothing is sealed any more, and what is sealed can be read. */
  readonly current: string | null;
  /**
   * What becomes of contents that are not sealed: `read`, the default, since they may be older than the codec; `refuse`, as damaged, so that
   * nobody who can write to the file can put his own there.
   */
  readonly plain?: 'read' | 'refuse';
}

const [nonceBytes, tagBytes, keyBytes] = [12, 16, 32];
const derivedMost = 1_000;
const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * A codec with keys that are at hand. To rotate, add a key and make it the current one; leave the old one out once no run that it
 * sealed is kept any more.
 *
 * @throws PawlError `bad_input`: a key is not 32 bytes, or the current one is not among them.
 */
export function aesGcmCodec({ keys, current, plain = 'read' }: AesGcmOptions): Codec {
  const known = new Map(Object.entries(keys).map(([name, key]) => [name, keyOf(name, key)]));
  if (current !== null && !known.has(current))
    throw new PawlError(
      'bad_input',
      `the current key is "${current}", and there are ${[...known.keys()].join(', ') || 'none'}`,
    );
  if (current === null && plain === 'refuse')
    throw new PawlError('bad_input', 'without a current key nothing is sealed, so what is plain cannot be refused');
  return new AesGcmCodec(known, current ?? undefined, plain === 'refuse');
}

class AesGcmCodec implements Codec {
  readonly current: string | undefined;
  readonly refusesPlain: boolean;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #nonces = Buffer.alloc(nonceBytes * 256);
  #nonceAt = this.#nonces.length;
  /** Of the runs that were sealed or opened last. */
  readonly #derived = new Map<string, KeyObject>();

  constructor(keys: ReadonlyMap<string, Buffer>, current: string | undefined, refusesPlain: boolean) {
    this.refusesPlain = refusesPlain;
    this.#keys = keys;
    this.current = current;
  }

  seal(text: string, place: SealedPlace): SealedText {
    const name = this.current;
    const key = name === undefined ? undefined : this.#keyFor(name, place.run);
    if (name === undefined || key === undefined) throw new PawlError('bad_input', 'the codec has no current key');
    const nonce = this.#nonce();
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(
      associated(name, place),
    );
    const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return { key: name, text: Buffer.concat(parts).toString('base64url') };
  }

  open({ key: name, text }: SealedText, place: SealedPlace): OpenedText {
    const key = this.#keyFor(name, place.run);
    if (key === undefined) return { ok: false, because: 'no_key' };
    const sealed = Buffer.from(text, 'base64url');
    if (sealed.length < nonceBytes + tagBytes) return { ok: false, because: 'not_authentic' };
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(associated(name, place))
      .setAuthTag(sealed.subarray(-tagBytes));
    try {
      const opened =
        decipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      return { ok: true, text: opened };
    } catch {
      return { ok: false, because: 'not_authentic' };
    }
  }

  /** Random bytes are asked for many at once: one call costs as much as a cipher. */
  #nonce(): Buffer {
    if (this.#nonceAt === this.#nonces.length) {
      randomFillSync(this.#nonces);
      this.#nonceAt = 0;
    }
    this.#nonceAt += nonceBytes;
    return this.#nonces.subarray(this.#nonceAt - nonceBytes, this.#nonceAt);
  }

  newSecret(): string {
    return randomBytes(keyBytes).toString('hex');
  }

  #keyFor(name: string, run: string): KeyObject | undefined {
    const id = `${name}\n${run}`;
    const known = this.#derived.get(id);
    if (known !== undefined) return known;
    const key = this.#keys.get(name);
    if (key === undefined) return undefined;
    // A cipher is made of a key object in a tenth of the time that bytes take.
    const derived = createSecretKey(createHmac('sha256', key).update(`pawl run\n${run}`).digest());
    if (this.#derived.size >= derivedMost) this.#derived.clear();
    this.#derived.set(id, derived);
    return derived;
  }
}

function associated(key: string, { run, slot }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify(['pawl 1', key, run, slot]));
}

function keyOf(name: string, given: Uint8Array | string): Buffer {
  if (!namePattern.test(name))
    throw new PawlError('bad_input', `"${name}" cannot name a key; letters, digits and . _ - are allowed, up to 64`);
  // What the key is must not come up in a message.
  const key =
    typeof given !== 'string'
      ? Buffer.from(given)
      : Buffer.from(given, /^[0-9a-f]{64}$/i.test(given) ? 'hex' : 'base64');
  if (key.length === keyBytes) return key;
  throw new PawlError('bad_input', `the key "${name}" has ${key.length} bytes; an AES-256 key has ${keyBytes}`);
}
