import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take most of the time, longest first. They begin first, so that none is left to run alone at the end,
 * and `npm run test:unit` is without them.
 */
const SLOW = [
  'test/properties-history.test.ts',
  'test/e2e/kill.test.ts',
  'test/lib/adapters/local/bookmark-audit.test.ts',
  'test/sql/postgres.test.ts',
  'test/docs.test.ts',
  'test/e2e/terminal.test.ts',
  'test/e2e/tamper.test.ts',
  'test/properties.test.ts',
  'test/e2e/home.test.ts',
  'test/e2e/live-view.test.ts',
  'test/alterations.test.ts',
  'test/changes.test.ts',
  'test/e2e/bad-input.test.ts',
  'test/json.test.ts',
  'test/trace.test.ts',
  'test/golden.test.ts',
  'test/lib/adapters/local/workflow/orchestrator.test.ts',
  'test/lib/adapters/local/jobs/extract-news.test.ts',
  'test/sql/load-script.test.ts',
  'test/sql/curated-script.test.ts',
  'test/commands/run.test.ts',
  'test/hand-made.test.ts',
  'test/copies.test.ts',
  'test/bench.test.ts',
  'test/lib/adapters/local/jobs/extract-known.test.ts',
  'test/e2e/surroundings.test.ts',
  'test/e2e/suggestions.test.ts',
  'test/e2e/completion.test.ts',
  'test/e2e/guard.test.ts',
  'test/e2e/compile-cache.test.ts',
]

/**
 * Of the slow ones those that try a thing in every way that there is: random histories on several engines, each value that a
 * hand could alter, kills at any point, each command with each secret. `npm run test:deep` and .ci/run do them.
 */
const DEEP = [
  'test/properties-history.test.ts',
  'test/properties.test.ts',
  'test/alterations.test.ts',
  'test/changes.test.ts',
  'test/trace.test.ts',
  'test/e2e/kill.test.ts',
  'test/e2e/tamper.test.ts',
  'test/e2e/backfill.test.ts',
  'test/sql/postgres.test.ts',
  'test/lib/adapters/local/bookmark-audit.test.ts',
  'test/lib/use-cases/trace.test.ts',
  'test/lib/adapters/local/jobs/extract-news-days.test.ts',
  'test/e2e/tamper-in-order.test.ts',
  'test/e2e/secrets.test.ts',
  'test/e2e/escapes.test.ts',
  'test/quarantine-lines.test.ts',
  'test/lib/core/sample/sample-history.test.ts',
  'test/support/alterations.test.ts',
  'test/lib/adapters/local/checksum.test.ts',
]

/** A module in the place of another one, or another time zone, stays for all files of a worker: such a test has one of its own. */
const ALONE = ['test/lib/adapters/local/home/run-store-idle.test.ts']

/** They need a server, and time: `npm run test:mysql`, which .ci/run does, too. */
const MYSQL = 'test/mysql/**'

/** They need the box, which stands for AWS: `npm run test:aws`. */
const AWS = ['test/emulator/**/*.test.ts', 'test/aws/**/*.test.ts', 'test/glue/**/*.test.ts']

/** Of these, whole histories of the jobs by themselves, each day read by Spark: `npm run test:aws-deep`. */
const DEEP_AWS = ['extract', 'look', 'mysql'].map((name) => `test/glue/${name}.test.ts`)

const ONLY: Record<string, { include: string[]; exclude?: string[] }> = {
  mysql: { include: [MYSQL] },
  aws: { include: AWS, exclude: DEEP_AWS },
  'aws-deep': { include: DEEP_AWS },
  deep: { include: DEEP },
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const gone = [...SLOW, ...ALONE, ...DEEP, ...DEEP_AWS].filter((file) => !existsSync(pathOf(file)))
if (gone.length > 0) throw new Error(`vitest.config.ts names tests that are not there: ${gone.join(', ')}`)

/** The same of those that need the box. */
const SLOW_AWS = ['golden', 'pipeline', 'verify', 'jobs', 'failures', 'looks'].map((name) => `test/aws/${name}.test.ts`)

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slow = [...SLOW_AWS, ...SLOW]
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = slow.findIndex((file) => moduleId === pathOf(file))
      return at < 0 ? slow.length : at
    }
    return [...(await super.sort(files))].sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    // Most files are done in a breath: a worker for each would take longer to start than many of them last.
    projects:
      ONLY[mode] !== undefined
        ? [{ extends: true, test: { name: mode, ...ONLY[mode] } }]
        : [
            {
              extends: true,
              test: {
                name: 'quick',
                include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
                exclude: [...SLOW, ...ALONE, ...DEEP, MYSQL, ...AWS],
                isolate: false,
              },
            },
            {
              extends: true,
              test: {
                name: 'alone',
                include: mode === 'unit' ? ALONE : [...SLOW.filter((file) => !DEEP.includes(file)), ...ALONE],
              },
            },
          ],
    globalSetup: './test/support/shared-homes-setup.ts',
    sequence: { sequencer: SlowFirst },
    reporters: ['default', './test/support/summary-reporter.ts'],
    disableConsoleIntercept: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than a small machine has cores: some wait for a terminal, or for a process that ends.
    maxWorkers: 3,
  },
}))
