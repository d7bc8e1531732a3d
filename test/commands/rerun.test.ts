import { expect, test } from 'vitest'
import Rerun from '../../src/commands/rerun.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'

const { home, source } = smallHome()
const rerun = (...argv: string[]) =>
  captureCommand(Rerun, 'rerun', ...argv, '--home', home(), '--source', `csv:${source()}`)

async function done(...argv: string[]): Promise<unknown> {
  const { stdout, code } = await rerun(...argv, '--json')
  const { result } = JSON.parse(stdout)
  const layers = result.layers.map((layer: Record<string, unknown>) => [layer.layer, layer.status, layer.done_by])
  return [code, result.parent, result.status, ...layers]
}

test('curated is built again, and names the run that did the others', async () => {
  expect(await done('curated', 'first')).toEqual([
    ...[0, 'first', 'succeeded'],
    ['extract', 'skipped', 'first'],
    ['raw', 'skipped', 'first'],
    ['curated', 'succeeded', null],
  ])
})

test('raw alone', async () => {
  expect(await done('raw', 'first', '--only')).toEqual([
    ...[0, 'first', 'succeeded'],
    ['extract', 'skipped', 'first'],
    ['raw', 'succeeded', null],
    ['curated', 'skipped', null],
  ])
})

test('extract of a run that failed, and the layers after it', async () => {
  expect(await done('extract', 'second')).toEqual([
    ...[0, 'second', 'succeeded'],
    ['extract', 'succeeded', null],
    ['raw', 'succeeded', null],
    ['curated', 'succeeded', null],
  ])
})

test('what cannot be done again', async () => {
  const { stderr, code } = await rerun('raw', 'second')
  expect([code, ...stderr.split('\n').slice(0, 2)]).toEqual([
    66,
    'error: run second has no manifest to load: its extract did not succeed',
    expect.stringContaining('  try: rental-etl rerun extract second'),
  ])
  const unknown = await rerun('extrct')
  expect([unknown.code, unknown.stderr.split('\n')[0]]).toEqual([
    64,
    'error: "extrct" is none of extract, raw, curated; the nearest is extract',
  ])
})
