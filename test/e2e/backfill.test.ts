import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BIN, cli, plainEnvironment } from '../support/cli.js'
import { smallSource } from '../support/small-warehouse.js'
import { temporaryFolder } from '../support/temporary.js'

const SPAN = ['--start', '2025-03-01', '--end', '2025-03-24']

/** Starts a backfill, does something as soon as a number of its days are done, and waits for its end. */
async function disturbed(
  place: string[],
  days: number,
  act: (kill: (signal: NodeJS.Signals) => void) => unknown,
): Promise<{ code: number | null; done: number; stderr: string }> {
  const child = spawn(process.execPath, [BIN, 'backfill', ...SPAN, ...place], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: plainEnvironment(),
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  let stderr = ''
  let acted: unknown
  const done = () => stderr.match(/ {2}succeeded in/g)?.length ?? 0
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    if (done() >= days) acted ??= act((signal) => child.kill(signal)) ?? true
  })
  const [code] = (await once(child, 'close')) as [number | null]
  await acted
  return { code, done: done(), stderr }
}

test('a source that breaks half way, Ctrl-C and a kill: the same command goes on, and ends as one run would', async () => {
  const folder = await temporaryFolder()
  const source = join(folder, 'source')
  await mkdir(source)
  await smallSource(source)
  const place = ['--home', join(folder, 'home'), '--source', `csv:${source}`]
  const bookings = join(source, 'bookings.csv')
  await copyFile(bookings, join(folder, 'whole.csv'))

  const broken = await disturbed(place, 2, () => writeFile(bookings, 'booking_id\n'))
  expect([broken.code, broken.done >= 2]).toEqual([68, true])
  expect(broken.stderr).toMatch(/bookings\.csv/)
  expect(broken.stderr).toContain(`next: rental-etl backfill ${SPAN.join(' ')} --home`)
  await writeFile(bookings, await readFile(join(folder, 'whole.csv')))

  const stopped = await disturbed(place, 2, (kill) => kill('SIGINT'))
  expect([stopped.code, stopped.done >= 2]).toEqual([130, true])
  expect(stopped.stderr).toContain('the days before it are done')
  const killed = await disturbed(place, 2, (kill) => kill('SIGKILL'))
  expect([killed.code, killed.done >= 2]).toEqual([null, true])

  const rest = await cli(['backfill', ...SPAN, ...place, '--json'])
  expect(rest.code).toBe(0)
  const rows: { status: string; done_before: boolean }[] = JSON.parse(rest.stdout).result.rows
  expect(rows.map(({ status }) => status)).toEqual(Array(24).fill('succeeded'))
  expect(rows.filter(({ done_before }) => done_before).length).toBeGreaterThanOrEqual(
    broken.done + stopped.done + killed.done,
  )

  const once24 = ['--home', join(folder, 'other'), '--source', `csv:${source}`]
  expect((await cli(['run', '--as-of', '2025-03-24', ...once24])).code).toBe(0)
  for (const metric of ['occupancy', 'repeat', 'price', 'bookings']) {
    const shown = (where: string[]) => cli(['metrics', metric, '--all', '-o', 'csv', ...where])
    const [all, one] = [await shown(place), await shown(once24)]
    expect(all.stdout).toBe(one.stdout)
    expect(all.stdout.length).toBeGreaterThan(100)
  }
})
