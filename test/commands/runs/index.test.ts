import { expect, test } from 'vitest'
import Runs from '../../../src/commands/runs/index.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome, steady } from '../../support/small-home.js'
import { temporaryFolder } from '../../support/temporary.js'

const { home, folder } = smallHome()
const list = (...argv: string[]) => captureCommand(Runs, 'runs', ...argv, '--home', home())

test('newest first, with why one failed', async () => {
  const { stdout, stderr, code } = await list('--output', 'csv')
  expect([code, stderr]).toEqual([0, ''])
  const shown = steady(stdout, folder()).replaceAll(/TIME,\d+/g, 'TIME,MS')
  expect(shown.split('\n')).toEqual([
    'run_id,status,as_of,started_at,duration_ms,from,to,parent,source,error',
    'second,failed,2025-03-24,TIME,MS,extract,curated,,csv:FOLDER/nowhere,source folder FOLDER/nowhere does not exist',
    'first,succeeded,2025-03-24,TIME,MS,extract,curated,,csv:FOLDER/source,',
    '',
  ])
})

test('by status, and no more than asked for', async () => {
  const ids = async (...argv: string[]) => {
    const { stdout, stderr } = await list('-o', 'jsonl', ...argv)
    const lines = stdout.split('\n').filter((line) => line !== '')
    return [lines.map((line) => (JSON.parse(line) as { run_id: string }).run_id), stderr]
  }
  expect(await ids('--status', 'succeeded')).toEqual([['first'], ''])
  expect(await ids('--status', 'running')).toEqual([[], ''])
  expect(await ids('--limit', '1')).toEqual([['second'], 'the newest 1; more with --limit\n'])
})

test('a home without a run is an empty list', async () => {
  const { stdout, code } = await captureCommand(Runs, 'runs', '--json', '--home', await temporaryFolder())
  expect([code, JSON.parse(stdout).result.rows]).toEqual([0, []])
})

test('what is no status', async () => {
  const { stderr, code } = await list('--status', 'succeded')
  expect([code, stderr.split('\n')[0]]).toEqual([
    64,
    'error: --status does not take succeded: it is one of running, succeeded, failed, canceled; the nearest is succeeded',
  ])
})
