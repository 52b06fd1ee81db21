import { describe, expect, it } from 'vitest';
import { aesGcmCodec } from './aes-gcm-codec.ts';

const [one, two] = ['1'.repeat(64), Buffer.alloc(32, 2)];
const place = { run: 'r', slot: 'events 0' };

describe('given a codec', () => {
  const codec = aesGcmCodec({ keys: { one, two }, current: 'one' });

  it.each(['', 'text', '漢字 🎉 \u0000', 'x'.repeat(1_000_000)])(
    'when %.20s is sealed, then it opens as it was',
    (text) => {
      const sealed = codec.seal(text, place);
      expect(sealed.key).toBe('one');
      expect(sealed.text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(codec.open(sealed, place)).toEqual({ ok: true, text });
    },
  );

  it('when the same is sealed twice, then nobody sees that it is the same', () => {
    expect(codec.seal('text', place).text).not.toBe(codec.seal('text', place).text);
  });

  it('when it stands elsewhere, is named after another key, or one bit is another, then it does not open', () => {
    const sealed = codec.seal('text', place);
    const flipped = (at: number) => {
      const bytes = Buffer.from(sealed.text, 'base64url');
      bytes[at]! ^= 1;
      return { ...sealed, text: bytes.toString('base64url') };
    };
    const not = { ok: false, because: 'not_authentic' };
    expect(codec.open(sealed, { ...place, run: 's' })).toEqual(not);
    expect(codec.open(sealed, { ...place, slot: 'events 1' })).toEqual(not);
    expect(codec.open(sealed, { run: 'r events', slot: '0' })).toEqual(not);
    expect(codec.open({ ...sealed, key: 'two' }, place)).toEqual(not);
    for (const at of [0, 11, 12, 15, 16, 31]) expect(codec.open(flipped(at), place)).toEqual(not);
    for (const text of ['', 'AAAA', sealed.text.slice(4), `${sealed.text}AAAA`])
      expect(codec.open({ ...sealed, text }, place)).toEqual(not);
  });

  it('when its key is not here, then that is said', () => {
    const other = aesGcmCodec({ keys: { two }, current: 'two' });
    expect(other.open(codec.seal('text', place), place)).toEqual({ ok: false, because: 'no_key' });
  });

  it('when the key is rotated, then the old one opens and the new one seals', () => {
    const rotated = aesGcmCodec({ keys: { one, two }, current: 'two' });
    expect(rotated.open(codec.seal('text', place), place)).toEqual({ ok: true, text: 'text' });
    expect(rotated.seal('text', place).key).toBe('two');
  });

  it('when keys cannot be keys, then that is said without them', () => {
    for (const [keys, current, message] of [
      [{ one: 'short' }, 'one', /"one" has \d+ bytes/],
      [{ one: new Uint8Array(16) }, 'one', /16 bytes/],
      [{ 'no space': one }, 'no space', /cannot name a key/],
      [{ one }, 'two', /current key is "two", and there are one/],
    ] as const)
      expect(() => aesGcmCodec({ keys, current })).toThrow(
        expect.objectContaining({ code: 'bad_input', message: expect.stringMatching(message) }),
      );
    expect(() => aesGcmCodec({ keys: { one: 'secret-but-short' }, current: 'one' })).not.toThrow(/secret-but-short/);
  });
});
