// A MySQL source beside a bare stream of the same tables by the driver.
import { join } from 'node:path'
import { SOURCE_TABLES } from '../../dist/lib/core/model.js'
import { startMariadb } from '../box/mariadb.js'
import { createDatabase, DATABASE, fillTable, READER } from '../support/mysql-tables.js'
import { judged, over, peaks } from './lines.mjs'
import { measure, settle } from './process.mjs'
import { cleanSource } from './source.mjs'
import { linesTable, samplesTable } from './table.mjs'
import { ROOT, rowsWritten, run } from './tool.mjs'
import { remove } from './workspace.mjs'

// All of it in memory: what is measured is the reading, not the server's disk.
const SERVER = ['--innodb-buffer-pool-size=3G', '--innodb-log-file-size=256M']
const ENV = { MYSQL_PWD: READER.password }

/** @returns samples of the bare stream, of a full run and of one on the unchanged source */
export async function playMysql({ folder, work, millions, rounds }, tell) {
  const clean = await cleanSource(folder, millions)
  await using server = await startMariadb(SERVER)
  const url = await createDatabase(server)
  for (const table of SOURCE_TABLES) {
    tell(`filling ${table.name}`)
    await fillTable(server, table, join(clean, `${table.name}.csv`))
  }
  const home = join(work, 'home')
  const samples = { 'bare stream': [], 'full run': [], 'unchanged source': [] }
  const bare = (...tables) =>
    measure([join(ROOT, 'test/bench/by-hand/mysql-read.mjs'), String(server.port), DATABASE, READER.user, ...tables], {
      env: { ...process.env, ...ENV },
    })
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    remove(home)
    settle()
    samples['bare stream'].push(await bare(...SOURCE_TABLES.map(({ name }) => name)))
    settle()
    samples['full run'].push(await run(url, home, work, ENV))
    settle()
    const again = await run(url, home, work, ENV)
    samples['unchanged source'].push({ ...again, written: rowsWritten(again) })
  }
  for (const all of Object.values(samples)) for (const sample of all) sample.extract = sample.layers?.extract.seconds
  return samples
}

export function mysqlLines(samples) {
  return [
    over('extract of a full run / bare stream', 'full run', 'bare stream', 1 / 0.6, { what: 'extract', by: 'seconds' }),
    over('unchanged source / bare stream', 'unchanged source', 'bare stream', 1.5),
    {
      name: 'runs: memory',
      unit: 'GiB',
      bar: 1,
      value: (all) => peaks([...all['full run'], ...all['unchanged source']]),
    },
    {
      name: 'unchanged source: rows written',
      unit: 'rows',
      bar: 0,
      value: (all) => all['unchanged source'].map((s) => s.written),
    },
  ].map(({ value, ...line }) => judged(line, value(samples)))
}

export function mysqlTables(lines, samples) {
  const missed = lines.filter(({ verdict }) => verdict === 'missed').length
  return [linesTable(lines), '', samplesTable(samples), '', `${missed} of ${lines.length} bars missed`].join('\n')
}
