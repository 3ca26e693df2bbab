import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

const source = {
  resolve: { conditions: ["orrery-source"] },
  ssr: { resolve: { conditions: ["orrery-source"] } },
};

/** One of them mostly waits for PostgreSQL or for processes: on two cores one would idle. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** Files that start processes and kill them: one at a time, or they starve each other. */
const chaos = ["test/chaos/**/*.test.ts", "test/pack/**/*.test.ts"];

export default defineConfig({
  ...source,
  test: {
    projects: [
      {
        ...source,
        test: {
          name: "pure",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "dashboard/**/*.test.ts"],
          exclude: ["**/*.pg.test.ts", ...chaos],
          maxWorkers,
          testTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          name: "pg",
          include: ["src/**/*.pg.test.ts", "test/**/*.pg.test.ts"],
          exclude: chaos,
          globalSetup: ["test/postgres/setup.ts"],
          pool: "forks",
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...source,
        test: {
          name: "chaos",
          include: chaos,
          globalSetup: ["test/postgres/setup.ts"],
          pool: "forks",
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
