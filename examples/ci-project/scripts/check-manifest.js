/** Says what package.json lacks or names wrongly; prints its name and version as JSON where it is right. */
import { existsSync, readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const faults = [];
for (const key of ['name', 'version', 'description', 'license', 'exports', 'files']) {
  if (manifest[key] === undefined) faults.push(`package.json has no "${key}"`);
}
if (!/^\d+\.\d+\.\d+$/.test(manifest.version ?? ''))
  faults.push(`the version "${manifest.version}" is not of three numbers`);
for (const path of [manifest.exports, ...Object.values(manifest.bin ?? {})]) {
  if (typeof path === 'string' && !existsSync(path)) faults.push(`package.json names ${path}, which is not there`);
}

if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(JSON.stringify({ name: manifest.name, version: manifest.version }));
}
