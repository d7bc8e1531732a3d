import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { acquireLock, lockHolder } from '../../../../../src/lib/adapters/local/home/run-lock.js'
import { runProcess } from '../../../../support/run-process.js'
import { temporaryFolder } from '../../../../support/temporary.js'

test('one holder at a time, also within a process and by another path', async () => {
  const home = await temporaryFolder()
  const alias = join(await temporaryFolder(), 'alias')
  await symlink(home, alias)
  expect(await lockHolder(home)).toBeUndefined()
  const lock = await acquireLock(home, 'r-1')
  expect(await lockHolder(alias)).toEqual({ pid: process.pid, runId: 'r-1' })
  await expect(acquireLock(alias, 'r-2')).rejects.toMatchObject({
    code: 'LOCKED',
    exit: 'locked',
    message: `run r-1 (PID ${process.pid}) is going on in this home; one run at a time changes a warehouse`,
  })
  await lock.release()
  expect(await lockHolder(home)).toBeUndefined()
  expect((await readdir(home)).sort()).toEqual(['.rental-etl-home.json', 'run.lock.duckdb'])
  const next = await acquireLock(home, 'r-2')
  expect(await lockHolder(home)).toEqual({ pid: process.pid, runId: 'r-2' })
  await next.release()
})

test('a process that dies holds no lock, whatever its note says', async () => {
  const home = await temporaryFolder()
  const other = runProcess(home, 'r-1', 'block')
  await other.until(({ type }) => type === 'layer_started')
  expect(await lockHolder(home)).toEqual({ pid: other.pid, runId: 'r-1' })
  other.child.kill('SIGKILL')
  await other.ended()
  expect(await readdir(home)).toContain('run.lock.json')
  expect(await lockHolder(home)).toBeUndefined()
  const lock = await acquireLock(home, 'r-2')
  await lock.release()
})

test('a look by another process holds a start up, but does not refuse it', async () => {
  const home = await temporaryFolder()
  await (await acquireLock(home, 'r-0')).release()
  const look = await Database.open(join(home, 'run.lock.duckdb'), { readOnly: true })
  const other = runProcess(home, 'r-1', 'succeed')
  setTimeout(() => look.close(), 400)
  const { events, code } = await other.ended()
  expect([code, events.at(-1)?.status]).toEqual([0, 'succeeded'])
})

test('a note of another process is not believed', async () => {
  const home = await temporaryFolder()
  const other = runProcess(home, 'r-1', 'block')
  await other.until(({ type }) => type === 'layer_started')
  await writeFile(join(home, 'run.lock.json'), '{"run_id":"r-0","pid":1}')
  expect(await lockHolder(home)).toEqual({ pid: other.pid, runId: undefined })
  other.child.kill('SIGKILL')
  await other.ended()
})
