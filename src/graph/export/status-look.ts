/**
 * How each status is shown: a colour and a sign, so that colour is never the only difference. Words are those of a task's
 * life; a word that is not among them shows as `unknown`.
 */

/** In order of what a reader should see first when several nodes are drawn as one. */
export const statusWords = [
  'failed',
  'retrying',
  'running',
  'waiting',
  'ready',
  'canceled',
  'unknown',
  'succeeded',
  'skipped',
] as const;
export type StatusWord = (typeof statusWords)[number];

export function statusWord(status: string): StatusWord {
  return statusWords.find((word) => word === status) ?? 'unknown';
}

export interface Shade {
  readonly fill: string;
  readonly line: string;
}

export interface StatusLook {
  /** One column wide in every terminal font. */
  readonly glyph: string;
  readonly ascii: string;
  /** Strokes of a sign in a box of 16 × 16. */
  readonly icon: string;
  readonly light: Shade;
  readonly dark: Shade;
}

export const statusLooks: { readonly [word in StatusWord]: StatusLook } = {
  failed: {
    glyph: '✗',
    ascii: 'x',
    icon: 'M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2',
    light: { fill: '#fdecea', line: '#c62828' },
    dark: { fill: '#3a1d1f', line: '#f47067' },
  },
  retrying: {
    glyph: '↻',
    ascii: 'r',
    icon: 'M11.6 8a3.6 3.6 0 1 1-1.2-2.7M10.9 2.9v2.6h-2.6',
    light: { fill: '#fff1e0', line: '#b85c00' },
    dark: { fill: '#38260f', line: '#f0a050' },
  },
  running: {
    glyph: '▶',
    ascii: '>',
    icon: 'M6.4 5.1v5.8l4.8-2.9z',
    light: { fill: '#e5f0fd', line: '#1565c0' },
    dark: { fill: '#14283f', line: '#6cb0f5' },
  },
  waiting: {
    glyph: '◷',
    ascii: '~',
    icon: 'M8 4.6v3.6l2.4 1.5',
    light: { fill: '#f2ebfb', line: '#6a3fb0' },
    dark: { fill: '#281f3a', line: '#b794f6' },
  },
  ready: {
    glyph: '○',
    ascii: 'o',
    icon: 'M5.2 8h.01M8 8h.01M10.8 8h.01',
    light: { fill: '#e2f4f6', line: '#00767f' },
    dark: { fill: '#10292d', line: '#4fc4cf' },
  },
  canceled: {
    glyph: '⊘',
    ascii: '/',
    icon: 'M5 11l6-6',
    light: { fill: '#efeae6', line: '#6d5c50' },
    dark: { fill: '#2b2622', line: '#b8a596' },
  },
  unknown: {
    glyph: '?',
    ascii: '?',
    icon: 'M6.2 6.4a1.9 1.9 0 1 1 2.7 1.8c-.6.3-.9.6-.9 1.2M8 11.6h.01',
    light: { fill: '#f3f4f6', line: '#5f6773' },
    dark: { fill: '#24282e', line: '#9aa4b0' },
  },
  succeeded: {
    glyph: '✓',
    ascii: '+',
    icon: 'M4.8 8.3l2.2 2.2 4.2-4.6',
    light: { fill: '#e6f4ea', line: '#1e7b34' },
    dark: { fill: '#14301e', line: '#5cc47a' },
  },
  skipped: {
    glyph: '»',
    ascii: '-',
    icon: 'M5 5.2l2.8 2.8-2.8 2.8M8.6 5.2l2.8 2.8-2.8 2.8',
    light: { fill: '#f5f5f2', line: '#7a7a6c' },
    dark: { fill: '#26261f', line: '#a3a390' },
  },
};

/** The status to show for several nodes in one: what needs eyes first. */
export function foremost(statuses: Iterable<string>): StatusWord | undefined {
  const present = new Set(Array.from(statuses, statusWord));
  return statusWords.find((word) => present.has(word));
}
