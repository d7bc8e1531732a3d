import { expect, test } from 'vitest'
import { keepByteOrderMarks } from '../../../../../src/lib/adapters/local/engine/byte-order-marks.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

test('a byte order mark at the start of a text is part of it, in short and in long texts', async () => {
  keepByteOrderMarks()
  const db = await memoryDatabase()
  const [row] = await db.all(
    `select chr(65279) as alone, chr(65279) || 'x' as short, chr(65279) || repeat('é', 40) as long, 'a' || chr(65279) as inner`,
  )
  expect(row).toEqual({ alone: '\ufeff', short: '\ufeffx', long: `\ufeff${'é'.repeat(40)}`, inner: 'a\ufeff' })
})
