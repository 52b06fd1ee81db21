/** How large a document may be. Each is checked while the text is read, before anything is built from it. */
export interface DocumentLimits {
  /** UTF-16 units of text. Default 16 Mi. */
  readonly sizeMax: number;
  /** Levels of lists and maps inside each other. Default 64. */
  readonly depthMax: number;
  /** Keys of maps and items of lists in the whole document. Default 200,000. */
  readonly entriesMax: number;
  /** Keys of one map. Default 10,000. */
  readonly keysMax: number;
  /** Anchors, aliases and tags together. Default 1,000. */
  readonly anchorsMax: number;
  /** Keys and items that aliases stand for, counted as often as they are used. Default 20,000. */
  readonly copiesMax: number;
  /** Words, signs, comments and line ends that the reader meets. Default 2.5 million. */
  readonly tokensMax: number;
}

export const defaultLimits: DocumentLimits = {
  sizeMax: 16 * 1024 * 1024,
  depthMax: 64,
  entriesMax: 200_000,
  keysMax: 10_000,
  anchorsMax: 1_000,
  copiesMax: 20_000,
  tokensMax: 2_500_000,
};
