#!/usr/bin/env node
// Checks the Node version before anything that needs it is imported: an old Node gets a sentence, not a stack trace.
const needed = 24;
const found = Number(process.versions.node.split('.')[0]);

if (found < needed) {
  process.stderr.write(
    `pawl needs Node ${needed} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      `Bring your own with npm: run \`npm install --save-dev node@${needed}\` in your project and start pawl with \`npx pawl\`,\n` +
      'or install it from https://nodejs.org.\n',
  );
  process.exitCode = 2;
} else {
  const { existsSync } = await import('node:fs');
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href
  );
  process.exitCode = await main(process.argv.slice(2));
}
