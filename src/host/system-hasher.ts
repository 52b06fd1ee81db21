import { hash } from 'node:crypto';
import type { Hasher } from '../base/index.ts';

export function systemHasher(): Hasher {
  return { sha256: (text) => hash('sha256', text, 'hex') };
}
