#!/usr/bin/env node
import { slug } from './slug.js';

const title = process.argv.slice(2).join(' ');
if (title === '') {
  process.stderr.write('usage: slug TITLE\n');
  process.exitCode = 2;
} else {
  process.stdout.write(`${slug(title)}\n`);
}
