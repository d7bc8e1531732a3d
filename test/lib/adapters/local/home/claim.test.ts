import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimHome, HOME_MARKER } from '../../../../../src/lib/adapters/local/home/claim.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const marker = (home: string): Promise<string> => readFile(join(home, HOME_MARKER), 'utf8')

test('a new folder, and one that is empty, are made homes', async () => {
  const folder = await temporaryFolder()
  for (const home of [folder, join(folder, 'new', 'home')]) {
    await claimHome(home)
    expect(JSON.parse(await marker(home))).toEqual({ version: 1 })
    await claimHome(home)
  }
})

test('what is prepared before the first run does no harm: places on another disk, what cron writes', async () => {
  const [home, disk] = [await temporaryFolder(), await temporaryFolder()]
  for (const name of ['lost+found', 'tmp']) await mkdir(join(home, name))
  await symlink(disk, join(home, 'data'))
  await symlink(join(disk, 'wh.duckdb'), join(home, 'warehouse.duckdb'))
  await writeFile(join(home, 'cron.log'), 'x')
  await claimHome(home)
  expect(await readdir(home)).toContain(HOME_MARKER)
})

test.each([
  ['its lock', 'run.lock.duckdb'],
  ['a warehouse', 'warehouse.duckdb'],
  ['a run', 'runs/r-1/request.json'],
])('a home of version 0.1.0 is known by %s, and marked', async (_, name) => {
  const home = await temporaryFolder()
  await mkdir(join(home, 'runs', 'r-1'), { recursive: true })
  await mkdir(join(home, 'tmp', 'important'), { recursive: true })
  await writeFile(join(home, name), '')
  await claimHome(home)
  expect(JSON.parse(await marker(home))).toEqual({ version: 1 })
})

test.each([
  ['a folder of its own tmp', 'tmp/important'],
  ['data that nobody loaded', 'data/sales'],
  ['anything else', 'photos'],
])('a folder with %s is no home', async (_, name) => {
  const home = await temporaryFolder()
  await mkdir(join(home, name), { recursive: true })
  await expect(claimHome(home)).rejects.toMatchObject({
    code: 'USAGE',
    exit: 'usage',
    message: `${home} is no home of this tool, and holds other things: ${name.split('/')[0]}; a home is a folder of its own`,
    suggestions: [
      `rental-etl run --home ${home}/.rental-etl`,
      `echo '{"version":1}' > ${home}/${HOME_MARKER}   # takes it all the same`,
    ],
  })
  expect(await readdir(home)).toEqual([name.split('/')[0]])
  await writeFile(join(home, HOME_MARKER), '{"version":1}\n')
  await claimHome(home)
})

test.each(['/', homedir()])('%s is none', async (home) => {
  await expect(claimHome(home)).rejects.toMatchObject({ code: 'USAGE' })
})

test('a home of a later version is left alone', async () => {
  const home = await temporaryFolder()
  await writeFile(join(home, HOME_MARKER), '{"version":2}')
  await expect(claimHome(home)).rejects.toMatchObject({ code: 'WAREHOUSE_VERSION', exit: 'invalid' })
})

test('a place that cannot be is told with what to do', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(claimHome(join(folder, 'file', 'home'))).rejects.toMatchObject({
    code: 'IO',
    message: `cannot write ${folder}/file/home: ENOTDIR: a part of the path is no folder`,
    suggestions: [
      `ls -ld ${folder}/file/home   # what it is, and whose`,
      'rental-etl run --home DIR   # a folder that can be written',
    ],
  })
})
