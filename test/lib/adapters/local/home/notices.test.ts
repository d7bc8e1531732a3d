import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendNotice } from '../../../../../src/lib/adapters/local/home/notices.js'
import { temporaryFolder } from '../../../../support/temporary.js'

test('a line of JSON for each notice, after those before', async () => {
  const home = await temporaryFolder()
  const notice = {
    at: '2026-05-04T02:00:00Z',
    run_id: 'r-1',
    layer: 'raw',
    code: 'IO',
    subject: 'failed',
    message: 'two\nlines "é"',
    next: 'rental-etl resume r-1',
  } as const
  await appendNotice(home, notice)
  await appendNotice(home, { ...notice, run_id: 'r-2' })
  const lines = (await readFile(join(home, 'notices.jsonl'), 'utf8')).split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual([notice, { ...notice, run_id: 'r-2' }])
})

test('a pipe in its place holds nobody up', async () => {
  const home = await temporaryFolder()
  execFileSync('mkfifo', [join(home, 'notices.jsonl')])
  const notice = { at: '', run_id: 'r-1', layer: null, code: null, subject: '', message: '', next: null }
  await expect(appendNotice(home, notice)).rejects.toMatchObject({
    code: 'IO',
    message: expect.stringContaining('it is no regular file'),
  })
})
