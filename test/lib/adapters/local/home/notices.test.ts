import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendNotice } from '../../../../../src/lib/adapters/local/home/notices.js'
import { temporaryFolder } from '../../../../support/temporary.js'

test('a line of JSON for each notice, after those before', async () => {
  const home = await temporaryFolder()
  const notice = { at: '2026-05-04T02:00:00Z', run_id: 'r-1', subject: 'failed', message: 'two\nlines "é"' }
  await appendNotice(home, notice)
  await appendNotice(home, { ...notice, run_id: 'r-2' })
  const lines = (await readFile(join(home, 'notices.jsonl'), 'utf8')).split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual([notice, { ...notice, run_id: 'r-2' }])
})
