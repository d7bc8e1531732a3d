import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import Run from '../../src/commands/run.js'
import { captureCommand } from './capture-command.js'
import { copyOfShared } from './shared-homes.js'
import { SMALL_AS_OF, smallSource } from './small-warehouse.js'

/** Times, ids of processes and folders left out: what differs from run to run. */
export function steady(text: string, folder: string): string {
  return text
    .replaceAll(folder, 'FOLDER')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/\b\d+(\.\d)? s\b/g, 'N s')
}

export interface SmallHome {
  folder(): string
  home(): string
  source(): string
}

/** A home with two runs, for the tests of a file: `first` succeeded, `second` found no source. */
export function smallHome(): SmallHome {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rental-etl-'))
    await copyOfShared('small-home', folder, makeSmallHome)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return { folder: () => folder, home: () => join(folder, 'home'), source: () => join(folder, 'source') }
}

async function makeSmallHome(folder: string): Promise<void> {
  await smallSource(join(folder, 'source'))
  const run = (name: string, source: string) =>
    captureCommand(
      Run,
      'run',
      ...['--name', name, '--home', join(folder, 'home')],
      ...['--as-of', SMALL_AS_OF, '--source', `csv:${join(folder, source)}`],
    )
  expect((await run('first', 'source')).code).toBe(0)
  expect((await run('second', 'nowhere')).code).toBe(66)
}
