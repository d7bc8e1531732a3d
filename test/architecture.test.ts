import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { strayTests, type Tree, violations } from './support/architecture.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Files under a folder by their paths from the project's root. */
async function filesOf(folder: string, ending: RegExp): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true })
  return entries.filter((path) => ending.test(path)).map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
}

describe('the source tree', () => {
  test('keeps the direction of the layers, has no cycles, starts light, and has small modules', async () => {
    const paths = await filesOf('src', /\.tsx?$/)
    const tree = Object.fromEntries(
      await Promise.all(paths.map(async (path) => [path, await readFile(join(ROOT, path), 'utf8')] as const)),
    )
    expect(paths.length).toBeGreaterThan(100)
    expect(violations(tree)).toEqual([])
  })

  test('is mirrored by its tests', async () => {
    const sources = await filesOf('src', /\.tsx?$/)
    const tests = [
      ...(await filesOf('test/lib', /\.test\.tsx?$/)),
      ...(await filesOf('test/commands', /\.test\.tsx?$/)),
    ]
    expect(strayTests(tests, sources)).toEqual([])
  })
})

const FINE: Tree = {
  'src/commands/run.ts': [
    `import { Flags } from '@oclif/core'`,
    `import { BaseCommand } from '../lib/shell/base-command.js'`,
    `const start = async () => (await import('../lib/use-cases/start.js')).start`,
  ].join('\n'),
  'src/lib/shell/base-command.ts': `import type { Runtime } from '../runtime.js'\nconst r = () => import('../runtime.js')`,
  'src/lib/runtime.ts': `import type { Store } from './ports/store.js'\nconst s = () => import('./adapters/local/store.js')`,
  'src/lib/use-cases/start.ts': `import type { Store } from '../ports/store.js'\nimport { plan } from '../core/plan.js'`,
  'src/lib/ports/store.ts': `import type { Plan } from '../core/plan.js'`,
  'src/lib/core/plan.ts': `// import { x } from '../runtime.js'\nexport const plan = 1`,
  'src/lib/adapters/local/store.ts': `import { DuckDBInstance } from '@duckdb/node-api'\nimport type { Store } from '../../ports/store.js'`,
  'src/lib/ui/view.tsx': `import { Box } from 'ink'\nimport type { Store } from '../ports/store.js'`,
}

describe('the checker', () => {
  test('lets a tree pass that keeps the rules', () => expect(violations(FINE)).toEqual([]))

  const broken: [why: string, change: Tree, found: string[]][] = [
    [
      'a command that takes an adapter',
      { 'src/commands/run.ts': `import { S } from '../lib/adapters/local/store.js'` },
      [
        'src/commands/run.ts: commands imports adapters, src/lib/adapters/local/store.ts',
        'src/lib/adapters/local/store.ts: imports @duckdb/node-api at the start of src/commands/run.ts',
      ],
    ],
    [
      'a command that takes an adapter when it runs',
      { 'src/commands/run.ts': `const s = () => import('../lib/adapters/local/store.js')` },
      ['src/commands/run.ts: commands imports adapters, src/lib/adapters/local/store.ts'],
    ],
    [
      'a use-case that takes an adapter, over several lines',
      { 'src/lib/use-cases/start.ts': `import {\n  type Store,\n  store,\n} from '../adapters/local/store.js'` },
      ['src/lib/use-cases/start.ts: use-cases imports adapters, src/lib/adapters/local/store.ts'],
    ],
    [
      'a use-case that draws',
      { 'src/lib/use-cases/start.ts': `export * from '../ui/view.js'` },
      ['src/lib/use-cases/start.ts: use-cases imports ui, src/lib/ui/view.tsx'],
    ],
    [
      'the shell picking an adapter',
      { 'src/lib/shell/base-command.ts': `const s = () => import('../adapters/local/store.js')` },
      ['src/lib/shell/base-command.ts: shell imports adapters, src/lib/adapters/local/store.ts'],
    ],
    [
      'core that knows a port, if only its type',
      { 'src/lib/core/plan.ts': `import type { Store } from '../ports/store.js'` },
      [
        'src/lib/core/plan.ts: core imports ports, src/lib/ports/store.ts',
        'src/lib/core/plan.ts: imports itself by src/lib/core/plan.ts → src/lib/ports/store.ts → src/lib/core/plan.ts',
      ],
    ],
    [
      'core that has effects',
      { 'src/lib/core/plan.ts': `import { readFile } from 'node:fs/promises'\nimport 'chalk'` },
      ['src/lib/core/plan.ts: core imports chalk', 'src/lib/core/plan.ts: core imports node:fs/promises'],
    ],
    [
      'ui that takes more than types of a port',
      { 'src/lib/ui/view.tsx': `import { Store } from '../ports/store.js'` },
      ['src/lib/ui/view.tsx: ui imports more than types, src/lib/ports/store.ts'],
    ],
    [
      'an adapter that knows a use-case',
      { 'src/lib/adapters/local/store.ts': `import { start } from '../../use-cases/start.js'` },
      ['src/lib/adapters/local/store.ts: adapters imports use-cases, src/lib/use-cases/start.ts'],
    ],
    [
      'a cycle that closes when it runs',
      {
        'src/lib/core/plan.ts': `import { b } from './b.js'`,
        'src/lib/core/b.ts': `export const a = () => import('./plan.js')`,
      },
      ['src/lib/core/b.ts: imports itself by src/lib/core/b.ts → src/lib/core/plan.ts → src/lib/core/b.ts'],
    ],
    [
      'a heavy package behind a light module',
      {
        'src/lib/shell/main.ts': `import { view } from './view.js'`,
        'src/lib/shell/view.ts': `import { draw } from '../ui/view.js'`,
      },
      ['src/lib/ui/view.tsx: imports ink at the start of src/lib/shell/main.ts'],
    ],
    [
      'the SDK of AWS outside of its adapters, also where it is loaded late',
      { 'src/lib/adapters/files/copy.ts': `const s3 = () => import('@aws-sdk/client-s3')` },
      ['src/lib/adapters/files/copy.ts: imports @aws-sdk/client-s3, which is for src/lib/adapters/aws/ alone'],
    ],
    [
      'an import of nothing, and a module outside of the layers',
      { 'src/lib/core/plan.ts': `import { gone } from './gone.js'`, 'src/other.ts': '' },
      ['src/lib/core/plan.ts: imports src/lib/core/gone, which is not there', 'src/other.ts: belongs to no layer'],
    ],
    [
      'long modules, and one that prints by itself',
      {
        'src/commands/long.ts': '\n'.repeat(121),
        'src/lib/core/long.ts': '\n'.repeat(301),
        'src/lib/core/loud.ts': `console.error('x')`,
        'src/commands/past.ts': `process.stderr.write(name)`,
        'src/commands/log.ts': `this.log(name)`,
        'src/lib/shell/output.ts': `process.stderr.write(safe)`,
      },
      [
        'src/commands/log.ts: writes past src/lib/shell/output.ts',
        'src/commands/long.ts: has 121 lines, more than 120',
        'src/commands/past.ts: writes past src/lib/shell/output.ts',
        'src/lib/core/long.ts: has 301 lines, more than 300',
        'src/lib/core/loud.ts: prints by console',
      ],
    ],
  ]
  for (const [why, change, found] of broken) {
    test(`finds ${why}`, () => expect(violations({ ...FINE, ...change })).toEqual(found))
  }

  test('finds a test of no module', () => {
    const sources = ['src/lib/core/run.ts', 'src/lib/ui/view.tsx', 'src/lib/adapters/sample/index.ts']
    const fine = [
      'test/lib/core/run.test.ts',
      'test/lib/core/run-twice.test.ts',
      'test/lib/ui/view.test.tsx',
      'test/lib/adapters/sample.test.ts',
      'test/lib/adapters/sample/index.test.ts',
    ]
    const stray = ['test/lib/core/runs.test.ts', 'test/lib/view.test.tsx']
    expect(strayTests([...fine, ...stray], sources)).toEqual(stray)
  })
})
