import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export const USAGE = `npm run bench [-- MILLIONS ROUNDS]      million rows (default 1) and rounds (default 3)
  --growth         instead: how cost grows with rows and with changed rows (default: 10 million)
  --mysql          instead: a MySQL source, beside a bare stream of the driver
  --spark          instead: what the Spark job reads of it, in one part and in several
  --views M        the views at M million rows of their own
  --memory M       the peak memory of a full run of M million rows, too
  --json FILE      where the figures go (default: bench.json in the folder)
  --docs           put the tables into docs/performance.md
  --folder DIR     where sources are kept and homes are made (default: in the system's temporary folder)
  --starts N       starts of each command for the start-up lines (default 11)
`

/** What is asked for, with `command`, as it is told: without what only says where something lies. */
export function optionsOf(args) {
  const text = { type: 'string' }
  const flag = { type: 'boolean' }
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ growth: flag, mysql: flag, spark: flag, docs: flag, help: flag },
      ...{ views: text, memory: text, json: text, folder: text, starts: text },
    },
  })
  const folder = resolve(values.folder ?? join(tmpdir(), 'rental-etl-bench'))
  const told = ['growth', 'mysql', 'spark', 'views', 'memory', 'starts'].flatMap((name) =>
    values[name] === undefined ? [] : values[name] === true ? [`--${name}`] : [`--${name}`, values[name]],
  )
  const words = [...positionals, ...told]
  return {
    help: values.help ?? false,
    docs: values.docs ?? false,
    growth: values.growth ?? false,
    mysql: values.mysql ?? false,
    spark: values.spark ?? false,
    folder,
    json: resolve(values.json ?? join(folder, 'bench.json')),
    millions: above0('MILLIONS', positionals[0]) ?? (values.growth ? 10 : 1),
    rounds: above0('ROUNDS', positionals[1]) ?? 3,
    starts: above0('--starts', values.starts) ?? 11,
    views: above0('--views', values.views),
    memory: above0('--memory', values.memory),
    command: ['npm run bench', ...(words.length > 0 ? ['--'] : []), ...words].join(' '),
  }
}

function above0(name, value) {
  if (value === undefined || Number(value) > 0) return value === undefined ? undefined : Number(value)
  throw new Error(`${name} is a number above 0, not ${value}`)
}
