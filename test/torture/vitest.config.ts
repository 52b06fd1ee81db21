import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/torture/**/*.test.ts'], pool: 'forks', testTimeout: 120_000, fileParallelism: false },
});
