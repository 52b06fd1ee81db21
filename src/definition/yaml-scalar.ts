/**
 * What a plain YAML scalar means: YAML 1.1 as PyYAML resolves it, which is what documents of this language were written
 * for. Beside it, what YAML 1.2 would make of the same text, so that inspection can point out where the two differ.
 *
 * Dates stay text. The library's own 1.1 schema is not used: it reads `y`, `1e3` and `08` in other ways.
 */

export type ScalarReading =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'integer' | 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  /** `=` and `<<`, which YAML 1.1 keeps for itself, and numbers without digits (`0x_`). */
  | { readonly type: 'reserved'; readonly value: string };

const nullPattern = /^(?:~|null|Null|NULL|)$/;
const truePattern = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const falsePattern = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const integerPattern = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floatPattern =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** Whatever is a number, boolean or null begins with one of these, so most text is told apart by one look. */
const firstPattern = /^[-+.0-9~yYnNtTfFoO<=]/;

/** Reads plain text as YAML 1.1. */
export function readScalar(source: string): ScalarReading {
  if (source === '') return { type: 'null', value: null };
  if (source.length > 4096 || !firstPattern.test(source)) return { type: 'text', value: source };
  if (truePattern.test(source)) return { type: 'boolean', value: true };
  if (falsePattern.test(source)) return { type: 'boolean', value: false };
  if (floatPattern.test(source)) return { type: 'float', value: floatOf(source) };
  if (integerPattern.test(source)) return integerReading(source);
  if (nullPattern.test(source)) return { type: 'null', value: null };
  if (source === '<<' || source === '=') return { type: 'reserved', value: source };
  return { type: 'text', value: source };
}

function integerReading(source: string): ScalarReading {
  const digits = source.replaceAll('_', '');
  const sign = digits.startsWith('-') ? -1 : 1;
  const unsigned = digits.replace(/^[-+]/, '');
  const value = wholeNumber(unsigned);
  return Number.isNaN(value) ? { type: 'reserved', value: source } : { type: 'integer', value: sign * value || 0 };
}

function wholeNumber(digits: string): number {
  if (digits === '0') return 0;
  if (digits.startsWith('0b')) return digits.length > 2 ? Number(digits) : Number.NaN;
  if (digits.startsWith('0x')) return digits.length > 2 ? Number(digits) : Number.NaN;
  if (digits.startsWith('0')) return Number(`0o${digits.slice(1)}`);
  if (digits.includes(':')) return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(digits);
}

function floatOf(source: string): number {
  const digits = source.replaceAll('_', '').toLowerCase();
  const sign = digits.startsWith('-') ? -1 : 1;
  const unsigned = digits.replace(/^[-+]/, '');
  if (unsigned === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (unsigned === '.nan') return Number.NaN;
  if (unsigned.includes(':')) return sign * unsigned.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return sign * Number(unsigned);
}

const core = {
  null: /^(?:~|null|Null|NULL|)$/,
  boolean: /^(?:true|True|TRUE|false|False|FALSE)$/,
  integer: /^[-+]?[0-9]+$/,
  octal: /^0o[0-7]+$/,
  hexadecimal: /^0x[0-9a-fA-F]+$/,
  float: /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
};

/** Reads plain text as the core schema of YAML 1.2 does. */
export function readScalarAsYaml12(source: string): ScalarReading {
  if (source.length > 4096) return { type: 'text', value: source };
  if (core.null.test(source)) return { type: 'null', value: null };
  if (core.boolean.test(source)) return { type: 'boolean', value: source.toLowerCase() === 'true' };
  if (core.integer.test(source)) return { type: 'integer', value: Number(source) || 0 };
  if (core.octal.test(source) || core.hexadecimal.test(source)) return { type: 'integer', value: Number(source) };
  if (core.float.test(source)) return { type: 'float', value: floatOf(source) };
  return { type: 'text', value: source };
}

/** The other reading of `source` where YAML 1.2 makes something else of it than YAML 1.1 does; undefined where both agree. */
export function otherReading(source: string, reading: ScalarReading): ScalarReading | undefined {
  if (!firstPattern.test(source)) return undefined;
  const other = readScalarAsYaml12(source);
  const same = other.type === reading.type && Object.is(other.value, reading.value);
  return same ? undefined : other;
}
