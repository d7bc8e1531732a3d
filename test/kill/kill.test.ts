import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.js'
import { betweenLayers, type Seen } from './digest.js'
import { leftovers, orphans } from './leftovers.js'
import { Random } from './random.js'
import { HomeWatch } from './watch.js'

const seen = (raw: Record<string, string>, curated: Record<string, string>): Seen => ({ raw, curated, pending: {} })
const before = seen({ a: '1', b: '1' }, { c: '1', d: '1' })
const after = seen({ a: '2', b: '2' }, { c: '2', d: '1' })

test.each([
  ['as before', before, []],
  ['as after', after, []],
  ['raw alone', seen(after.raw, before.curated), []],
  [
    'half of raw',
    seen({ a: '2', b: '1' }, before.curated),
    ['raw is neither as before nor as after: a (2 ≠ 1); b (1 ≠ 2)'],
  ],
  [
    'a table less',
    seen(after.raw, { d: '1' }),
    ['curated is neither as before nor as after: c (none ≠ 1); c (none ≠ 2)'],
  ],
  ['curated alone', seen(before.raw, after.curated), ['curated is ahead of raw']],
])('a reader sees whole layers, or that is told: %s', (_, state, wrong) => {
  expect(betweenLayers(state, before, after)).toEqual(wrong)
})

test('what a killed run leaves is found, and what belongs into a home is not', async () => {
  const home = await temporaryFolder()
  const belongs = [
    'warehouse.duckdb',
    'run.lock.duckdb',
    'runs/1/request.json',
    'runs/1/run.json',
    'runs/1/manifest.json',
    'runs/2/manifest.json',
    'data/raw/bookings/run_id=1/part-0.parquet',
    'tmp/.marker',
  ]
  const left = [
    'run.lock.json',
    'run.lock.json.tmp',
    'runs/1/run.json.tmp',
    'tmp/scratch/a.parquet',
    'warehouse.duckdb.wal',
    'warehouse.next.duckdb',
  ]
  const nobodys = [
    'data/blocks/bookings/run_id=3/keys.parquet',
    'data/raw/bookings/run_id=3/part-0.parquet',
    'runs/4/events.jsonl',
  ]
  for (const name of [...belongs, ...left, ...nobodys]) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), '')
  }
  expect(leftovers(home)).toEqual(left.map((name) => name.replace('/a.parquet', '')))
  expect(orphans(home)).toEqual(['data/blocks/bookings/run_id=3', 'data/raw/bookings/run_id=3', 'runs/4'])
})

test('a seed fixes the numbers, and another seed gives others', () => {
  const numbers = (...seeds: number[]): number[] => {
    const random = new Random(...seeds)
    return Array.from({ length: 5 }, () => random.next())
  }
  expect(numbers(1, 2)).toEqual(numbers(1, 2))
  const firsts = [...Array(50).keys()].map((chain) => numbers(1, chain)[0] as number)
  expect(new Set(firsts).size).toBe(50)
  expect(firsts.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(Math.min(...firsts)).toBeLessThan(0.2)
  expect(Math.max(...firsts)).toBeGreaterThan(0.8)
})

test('points are seen as they are passed, and named alike for every run', async () => {
  const home = await temporaryFolder()
  const points: string[] = []
  const wanted = Promise.withResolvers<void>()
  const watch = new HomeWatch(home, (point) => {
    points.push(point)
    if (point === 'event layer_started raw') wanted.resolve()
  })
  await mkdir(join(home, 'runs', '20260101T000000Z-abcd'), { recursive: true })
  const events = join(home, 'runs', '20260101T000000Z-abcd', 'events.jsonl')
  await writeFile(events, '{"type":"run_started"}\n{"type":"layer_started","layer":"raw"}\n{"type":"cut')
  await wanted.promise
  watch.close()
  expect(points).toEqual(
    expect.arrayContaining(['runs appears', 'runs/ID appears', 'runs/ID/events.jsonl appears', 'event run_started']),
  )
  expect(points).not.toContain('event cut')
})
