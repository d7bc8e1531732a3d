import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SOURCE_TABLES } from '../src/lib/core/model.js'
import { readRelations, runJobs } from './support/pipeline.js'
import { scratchFolder } from './support/temporary.js'

/** More than one block of the engine, for which its threads take turns: 122,880 rows each. */
const KEYS = 130_000

// Several threads read a large file; the order of its rows decides between copies of a key all the same.
test('of two copies that stand far apart in a large file the last one survives, in a full load and in the next one', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  for (const day of ['first', 'second']) {
    const folder = await writeViews(scratch.path, day)
    await runJobs({ home, folder, asOf: '2024-06-15', runId: day })
    const rows = await readRelations(home, {
      '(select call_to_action, count(*) as n, sum(_superseded) as superseded from raw_data.stg_user_viewing group by call_to_action)':
        ['call_to_action', 'n', 'superseded'],
    })
    expect(Object.values(rows)).toEqual([[[`${day} pass 1`, String(KEYS), String(KEYS)]]])
  }
})

/** Each key twice, all of them once before any of them again. */
async function writeViews(root: string, day: string): Promise<string> {
  const folder = join(root, day)
  await mkdir(folder)
  for (const { name, columns } of SOURCE_TABLES) {
    await writeFile(join(folder, `${name}.csv`), `${columns.map((column) => column.name).join(',')}\n`)
  }
  const lines = ['user_id,apartment_id,viewed_at,is_wishlisted,call_to_action']
  for (const pass of [0, 1]) {
    for (let id = 1; id <= KEYS; id++) lines.push(`${id},7,2024-05-01 10:00:00,yes,${day} pass ${pass}`)
  }
  await writeFile(join(folder, 'user_viewing.csv'), `${lines.join('\n')}\n`)
  return folder
}
