// The reading of the Spark job: one part of a table at a time, and as many as there are cores.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { sourceTable } from '../../dist/lib/core/model.js'
import { startMariadb } from '../box/mariadb.js'
import { jdbcJar, python } from '../glue/python.js'
import { writeRelease } from '../glue/release-file.js'
import { createDatabase, DATABASE, fillTable, READER } from '../support/mysql-tables.js'
import { judged } from './lines.mjs'
import { settle } from './process.mjs'
import { cleanSource, sizes } from './source.mjs'
import { linesTable, markdown } from './table.mjs'
import { ROOT } from './tool.mjs'

const TABLE = 'bookings'
/** Compiled as on Glue. */
const ENV = { GLUE_TEST_JVM: '-Duser.timezone=UTC' }

/** Numbers of parts: one, one for each core, and two. */
function numbersOfParts() {
  const cores = availableParallelism()
  return [1, cores, 2 * cores]
}

/** @returns the rows of the table, and for each number of parts the seconds of each round */
export async function playSpark({ folder, work, millions, rounds }, tell) {
  const clean = await cleanSource(folder, millions)
  await using server = await startMariadb(['--innodb-buffer-pool-size=3G', '--innodb-log-file-size=256M'])
  await createDatabase(server)
  tell(`filling ${TABLE}`)
  await fillTable(server, sourceTable(TABLE), join(clean, `${TABLE}.csv`))
  const release = join(work, 'release.json')
  await writeRelease(release)
  const asked = {
    url: `jdbc:mysql://127.0.0.1:${server.port}/${DATABASE}`,
    ...{ user: READER.user, password: READER.password },
    ...{ jars: await jdbcJar(), release, table: TABLE, parts: numbersOfParts() },
  }
  const samples = Object.fromEntries(numbersOfParts().map((parts) => [parts, []]))
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    settle()
    const input = JSON.stringify(asked)
    const seconds = JSON.parse(await python(join(ROOT, 'test/bench/spark_read.py'), [], { env: ENV, input }))
    for (const [at, parts] of numbersOfParts().entries()) samples[parts].push(seconds[at])
  }
  return { rows: sizes(millions).bookings, samples }
}

export function sparkLines({ samples }) {
  const [one, cores] = numbersOfParts()
  const ratios = samples[one].map((seconds, round) => samples[cores][round] / seconds)
  return [judged({ name: `read in ${cores} parts / in one, seconds`, bar: 0.8 }, ratios)]
}

export function sparkTables(lines, { rows, samples }) {
  const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
  const perSecond = Object.entries(samples).map(([parts, seconds]) => [
    parts,
    middle(seconds).toFixed(2),
    Math.round(rows / middle(seconds)).toLocaleString('en-US'),
  ])
  return [linesTable(lines), '', markdown(['parts', 'seconds', 'rows per second'], perSecond)].join('\n')
}
