import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newestRun } from '../../../../../src/lib/adapters/local/home/newest-run.js'

async function home(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const BEGUN = new Date('2026-05-01T02:00:00Z')

async function begin(where: string, id: string, minute: number, record?: object): Promise<void> {
  const folder = join(where, 'runs', id)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'request.json'), '{}')
  const at = new Date(BEGUN.getTime() + minute * 60_000)
  await utimes(join(folder, 'request.json'), at, at)
  if (record) await writeFile(join(folder, 'run.json'), JSON.stringify({ state: record }))
}

test('the one that began last, whatever its name', async () => {
  const where = await home()
  expect(await newestRun(where)).toBeUndefined()
  await begin(where, 'z-older', 0, { status: 'failed', closed_at: '2026-05-01T02:05:00Z', as_of: '2026-04-30' })
  await begin(where, 'a-newer', 1, { status: 'succeeded', closed_at: '2026-05-01T02:06:00Z', as_of: '2026-04-30' })
  // A folder without a request is no run.
  await mkdir(join(where, 'runs', 'empty'))
  expect(await newestRun(where)).toEqual({
    run_id: 'a-newer',
    status: 'succeeded',
    at: '2026-05-01T02:06:00Z',
    as_of: '2026-04-30',
  })
})

test('one that is not over is going on while its process lives, and broken off afterwards', async () => {
  const where = await home()
  await begin(where, 'r', 0)
  const status = async (): Promise<string | undefined> => (await newestRun(where))?.status
  expect(await status()).toBe('broken off')
  const note = (run_id: string, pid: number) => writeFile(join(where, 'run.lock.json'), JSON.stringify({ run_id, pid }))
  await note('r', process.pid)
  expect(await status()).toBe('running')
  await note('other', process.pid)
  expect(await status()).toBe('broken off')
  await note('r', 2 ** 22 + 1)
  expect(await status()).toBe('broken off')
})
