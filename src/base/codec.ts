/**
 * What seals the contents of runs before they are kept: a port, so that keys come from where the user has them.
 *
 * Sealing and opening answer at once: a key that lives elsewhere is fetched before the store is opened.
 */

/** Where a text stands: sealed for one place, it does not open at another. */
export interface SealedPlace {
  /** The run it belongs to. */
  readonly run: string;
  /** Which of the run's texts it is. */
  readonly slot: string;
}

export interface SealedText {
  /** Names the key; letters, digits, `.`, `_`, `-`, up to 64. Kept in the clear. */
  readonly key: string;
  /** Text without control characters. */
  readonly text: string;
}

/** What a sealed text came to. `no_key`: its key is not here. `not_authentic`: it was changed, or sealed for another place. */
export type OpenedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly because: 'no_key' | 'not_authentic' };

export interface Codec {
  /** The key that seals what is written from now on; undefined: what is written stays as it is. */
  readonly current: string | undefined;
  /** True: what is not sealed is not believed. Default false: it was kept before there was a codec. */
  readonly refusesPlain?: boolean;
  seal(text: string, place: SealedPlace): SealedText;
  open(sealed: SealedText, place: SealedPlace): OpenedText;
  /** A new secret, as text: at least 256 random bits. */
  newSecret(): string;
}
