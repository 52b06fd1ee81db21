import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/torture/**'],
    pool: 'forks',
    testTimeout: 20_000,
    // On two cores the default is one.
    maxWorkers: 2,
  },
});
