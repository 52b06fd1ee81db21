/** The keys that open a sealed store file, from the environment: `PAWL_KEYS="NAME=KEY NAME=KEY"`, the first of which seals. */

import { type Codec, PawlError } from '../base/index.ts';
import { aesGcmCodec } from '../host/index.ts';

/**
 * The codec of the environment; undefined where it names no keys. A `-` first means that nothing is sealed from now on.
 *
 * @throws PawlError `bad_input`: what it names is no key.
 */
export function codecOf(environment: { readonly [name: string]: string | undefined }): Codec | undefined {
  const words = (environment.PAWL_KEYS ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const isOff = words[0] === '-';
  const keys = (isOff ? words.slice(1) : words).map((word): [string, string] => {
    const place = word.indexOf('=');
    // A word without a name may be a key: it must not come up in a message.
    if (place < 1)
      throw new PawlError(
        'bad_input',
        'PAWL_KEYS holds a word that is not NAME=KEY; write NAME=KEY, one beside the other',
      );
    return [word.slice(0, place), word.slice(place + 1)];
  });
  return aesGcmCodec({ keys: Object.fromEntries(keys), current: isOff ? null : (keys[0]?.[0] ?? null) });
}
