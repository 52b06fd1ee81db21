/** Makes a shim of its C source, once a machine: what a process is started with so that its world misbehaves. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotTorture } from '../cannot.ts';

const compilers = ['cc', 'gcc', 'clang'];

/**
 * The path of the shim, for LD_PRELOAD.
 *
 * @throws CannotTorture Not Linux, or no C compiler.
 */
export function compiledShim(name: 'record' | 'fault' | 'clock'): string {
  if (process.platform !== 'linux') throw new CannotTorture('This torture preloads a shim, which needs Linux.');
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `pawl-shims-${process.getuid?.()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const shim = join(folder, `${name}-${hash}.so`);
  if (existsSync(shim)) return shim;
  const compiler = compilers.find((one) => spawnSync(one, ['--version']).status === 0);
  if (compiler === undefined) {
    throw new CannotTorture(
      `This torture needs a C compiler (one of ${compilers.join(', ')}) to make ${name}.c a shim.`,
    );
  }
  const unfinished = join(folder, `${name}-${hash}-${process.pid}.so`);
  const made = spawnSync(compiler, ['-O2', '-Wall', '-shared', '-fPIC', '-o', unfinished, source, '-ldl', '-lpthread']);
  if (made.status !== 0) throw new CannotTorture(`${compiler} could not make ${name}.c a shim:\n${made.stderr}`);
  renameSync(unfinished, shim);
  return shim;
}
