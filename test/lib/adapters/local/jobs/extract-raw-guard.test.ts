import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSource } from '../../../../../src/lib/adapters/source/create-source.js'
import type { SourceMapping } from '../../../../../src/lib/core/config/mapping.js'
import { runJobs } from '../../../../support/pipeline.js'
import { SMALL_AS_OF, smallSource } from '../../../../support/small-warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const HEADER =
  'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status'
const BAD = Array.from({ length: 3 }, (_, at) => `${at},1,1,2025-03-01,2025-03-02,2025-03-03,"$5,00",USD,confirmed`)

/** The small source, all of whose bookings are bad. @param header of the bookings' file */
async function source(header = HEADER): Promise<{ folder: string; home: string }> {
  const root = await temporaryFolder()
  const folder = join(root, 'source')
  await smallSource(folder)
  await writeFile(join(folder, 'bookings.csv'), `${[header, ...BAD].join('\n')}\n`)
  return { folder, home: join(root, 'home') }
}

const run = (home: string, folder: string, mapping: SourceMapping, allowRejects: boolean, runId: string) =>
  runJobs({
    home,
    source: createSource({ kind: 'csv', folder }, { home, mapping }),
    asOf: SMALL_AS_OF,
    runId,
    allowRejects,
    to: 'raw',
  })

const told = (made: string): object => ({
  code: 'GUARD_MAX_QUARANTINED',
  exit: 'failed',
  message: expect.stringMatching(
    new RegExp(
      `^bookings has 3 bad rows of 3 \\(100 %\\), every one of them: 3 by bad_value:total_price, such as [$]5,?00 is no DECIMAL.*${made}; nothing was changed$`,
    ),
  ),
})

test('a table of which every row is bad is an error of the run, also when it is the same as the one that was let pass', async () => {
  const { folder, home } = await source()
  await expect(run(home, folder, {}, false, 'r1')).rejects.toMatchObject(told('exponent'))
  await run(home, folder, {}, true, 'r2')
  await expect(run(home, folder, {}, false, 'r3')).rejects.toMatchObject(told('exponent'))
})

test('of a mapped one the column that the mapping makes is named, with what it is made of', async () => {
  const { folder, home } = await source(HEADER.replace('total_price', 'amount'))
  await rename(join(folder, 'bookings.csv'), join(folder, 'stays.csv'))
  const columns = { total_price: `replace(amount, ',', '')` }
  const mapping = { bookings: { table: 'stays', columns } }
  const made = `mapping in rental-etl.yml makes total_price of replace\\(amount, ',', ''\\)`
  await expect(run(home, folder, mapping, false, 'r1')).rejects.toMatchObject(told(made))
  await run(home, folder, mapping, true, 'r2')
  await expect(run(home, folder, mapping, false, 'r3')).rejects.toMatchObject(told(made))
  const mended = {
    bookings: { table: 'stays', columns: { total_price: `replace(replace(amount, ',', ''), '$', '')` } },
  }
  await expect(run(home, folder, mended, false, 'r4')).resolves.toBeDefined()
})

test('a table that is not read again, since its bytes are those that were let pass, is told alike', async () => {
  const { folder, home } = await source()
  const rows = Array.from({ length: 12 }, (_, at) =>
    (BAD[0] as string).replace(/^0/, String(at)).replace('"$5,00"', at < 8 ? '$5' : '6'),
  )
  await writeFile(join(folder, 'bookings.csv'), `${[HEADER, ...rows].join('\n')}\n`)
  const mapping = { bookings: { columns: { total_price: `total_price || ''` } } }
  await run(home, folder, mapping, true, 'r1')
  await expect(run(home, folder, mapping, false, 'r2')).rejects.toMatchObject({
    message: expect.stringMatching(
      /^bookings has 8 bad rows of 12 .*: 8 by bad_value:total_price, such as [$]5 is no DECIMAL.*makes total_price of total_price \|\| ''; nothing/,
    ),
  })
})
