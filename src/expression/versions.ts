/** Semantic versions (semver.org), as far as comparing, matching and bumping them goes. */

import { stop } from './failure.ts';

export interface Version {
  readonly numbers: readonly [number, number, number];
  /** Identifiers of a pre-release; empty for a release. */
  readonly pre: readonly string[];
}

const pattern =
  /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?$/;

/** @throws Failure `ValueError` */
export function parseVersion(text: string): Version {
  const match = pattern.exec(text);
  if (match === null) return stop('ValueError', `${text} is not valid SemVer string`);
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], pre: match[4]?.split('.') ?? [] };
}

/** -1, 0 or 1. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < 3; index++) {
    const difference = Math.sign((a.numbers[index] as number) - (b.numbers[index] as number));
    if (difference !== 0) return difference;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let index = 0; index < Math.min(a.pre.length, b.pre.length); index++) {
    const difference = compareIdentifiers(a.pre[index] as string, b.pre[index] as string);
    if (difference !== 0) return difference;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Math.sign(Number(a) - Number(b));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether `version` satisfies `>=1.2.3`, `!=1.2.3` and the like; a bare version means equal. */
export function matchesVersion(version: Version, condition: string): boolean {
  const match = /^(>=|<=|==|!=|>|<)?(.*)$/.exec(condition);
  const order = compareVersions(version, parseVersion(match?.[2] ?? ''));
  switch (match?.[1]) {
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '!=':
      return order !== 0;
    default:
      return order === 0;
  }
}

/** The next version at `level` (0 major, 1 minor, 2 patch), without pre-release. */
export function bumped({ numbers }: Version, level: 0 | 1 | 2): string {
  return numbers.map((number, index) => (index < level ? number : index === level ? number + 1 : 0)).join('.');
}
