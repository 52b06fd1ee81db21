import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slug, uniqueSlug } from '../src/slug.js';

describe('given a title', () => {
  it('when it has spaces and signs, then words are joined by dashes', () => {
    assert.equal(slug('  Hello, World!  '), 'hello-world');
  });

  it('when it has accents, then they are left out', () => {
    assert.equal(slug('Crème brûlée'), 'creme-brulee');
  });

  it('when it has letters of another script, then they stay', () => {
    assert.equal(slug('Привет, мир'), 'привет-мир');
  });

  it('when nothing is left of it, then it is empty', () => {
    assert.equal(slug('!?'), '');
  });
});

describe('given slugs that are taken', () => {
  it('when the title gives one of them, then the first free number is put behind it', () => {
    assert.equal(uniqueSlug('A b', new Set(['a-b', 'a-b-2'])), 'a-b-3');
  });

  it('when the title gives none of them, then it stays as it is', () => {
    assert.equal(uniqueSlug('A b', new Set(['c'])), 'a-b');
  });
});
