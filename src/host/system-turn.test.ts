import { describe, expect, it } from 'vitest';
import { systemHasher } from './system-hasher.ts';
import { systemTurn } from './system-turn.ts';

describe('given the end of a turn', () => {
  it('when it is asked for, then it comes after everything that was ready in this turn', async () => {
    const seen: string[] = [];
    await new Promise<void>((done) => {
      systemTurn().end(() => {
        seen.push('end');
        done();
      });
      void Promise.resolve().then(() => seen.push('promise'));
      process.nextTick(() => seen.push('tick'));
    });
    expect(seen.toSorted()).toEqual(['end', 'promise', 'tick']);
    expect(seen.at(-1)).toBe('end');
  });
});

describe('given the hasher', () => {
  it('when it hashes text beyond ASCII, then it hashes its UTF-8', () => {
    expect(systemHasher().sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(systemHasher().sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });

  it('when promises are settled, then it comes after a long chain of them, and before the turn ends', async () => {
    const seen: string[] = [];
    await new Promise<void>((done) => {
      systemTurn().end(() => {
        seen.push('end');
        done();
      });
      systemTurn().settled(() => seen.push('settled'));
      void (async () => {
        for (let step = 0; step < 1_000; step += 1) await null;
        seen.push('chain');
      })();
    });
    expect(seen).toEqual(['chain', 'settled', 'end']);
  });

  it('when it is asked for in a promise, then it comes after those that follow', async () => {
    const seen: string[] = [];
    await Promise.resolve();
    const settled = new Promise<void>((resolve) => systemTurn().settled(resolve)).then(() => seen.push('settled'));
    void (async () => {
      for (let step = 0; step < 1_000; step += 1) await null;
      seen.push('chain');
    })();
    await settled;
    expect(seen).toEqual(['chain', 'settled']);
  });
});
