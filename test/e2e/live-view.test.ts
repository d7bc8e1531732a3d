import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BIN, cli, plainEnvironment } from '../support/cli.js'
import { onTerminal, type Terminal, terminal } from '../support/pty.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-live-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const CTRL_Z = '\u001a'

function watched(name: string, size: { columns: number; rows: number }, scale = 0.05): Terminal {
  const env = { RENTAL_ETL_HOME: join(folder, name), RENTAL_ETL_SOURCE: `sample:${scale}` }
  return onTerminal(['run', '--watch', '--name', name], { ...size, env })
}

/** What each line of the report begins with, of a run that succeeded. */
const REPORT = [
  ['run', '✓', 'apartments', 'apartment_attributes', 'bookings', 'user_viewing'],
  ['✓', 'stg_apartments', 'stg_apartment_attributes', 'stg_bookings', 'stg_user_viewing'],
  ['✓', 'dim_listings', 'fact_bookings', 'fact_user_views', 'dim_users'],
  ['✓', 'ledger:'],
].flat()

function begins({ screen }: Terminal): (string | undefined)[] {
  const lines = screen.lines
    .join('\n')
    .replaceAll(/^warning: .*(\n {4}.*)*\n/gm, '')
    .split('\n')
    .filter((line) => !/^ {4}unexplained|^next|^$/.test(line))
  return lines.map((line) => line.trim().split(/ +/)[0])
}

describe('a live view', () => {
  test('on a terminal lower than the tree shows what fits, and its last frame once', async () => {
    const run = watched('low', { columns: 80, rows: 8 })
    const heights: number[] = []
    for (const layer of ['extract', 'raw', 'curated']) {
      await run.until(new RegExp(`[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ${layer} `)).catch(() => undefined)
      if (run.screen.isOther) heights.push(run.screen.lines.filter((line) => line !== '').length)
    }
    expect(await run.ended()).toBe(0)
    expect(Math.max(...heights)).toBeLessThan(8)
    expect(run.screen.scrolled).toEqual([])
    expect(begins(run)).toEqual(REPORT)
  })

  test('leaves nothing of another size, and nothing that was typed', async () => {
    const run = watched('resized', { columns: 120, rows: 24 }, 0.2)
    await run.until(/extract {2}\d/)
    run.type('\rabc\r\u001b[A')
    for (const columns of [60, 120, 40, 120]) {
      run.resize(columns, columns < 100 ? 10 : 24)
      await run.until(columns < 100 ? /^run resized · .*…$/m : /^run resized · .* · sample:0\.2$/m)
      const shown = run.screen.lines.filter((line) => line.includes('run resized'))
      expect([columns, shown.length, run.screen.text.includes('abc')]).toEqual([columns, 1, false])
    }
    expect(await run.ended()).toBe(0)
    expect(begins(run)).toEqual(REPORT)
  })

  test('gives the terminal back as it was', async () => {
    const script = '"$@" > /dev/null; stty -a'
    const env = { RENTAL_ETL_HOME: join(folder, 'given'), RENTAL_ETL_SOURCE: 'sample:0.02' }
    const words = ['run', '--watch', '--name', 'given']
    const shell = terminal('bash', ['-c', script, 'bash', process.execPath, BIN, ...words], { columns: 120, env })
    await shell.until(/^run given · Ctrl-C/)
    expect(shell.screen.cursorShown).toBe(false)
    expect(await shell.ended()).toBe(0)
    expect(shell.screen.text).toMatch(/^isig icanon iexten echo /m)
    expect([shell.screen.cursorShown, shell.screen.isOther]).toEqual([true, false])
  })

  test('a second Ctrl-C in the middle of it gives the terminal back, too', async () => {
    const run = watched('twice', { columns: 80, rows: 24 }, 0.5)
    await run.until(/extract {2}\d/)
    run.type('\u0003')
    await new Promise((resolve) => setTimeout(resolve, 500))
    run.type('\u0003')
    expect(await run.ended()).toBe(130)
    expect([run.screen.cursorShown, run.screen.isOther]).toEqual([true, false])
  })

  test('Ctrl-Z and fg: the shell has its screen, and the view comes back', async () => {
    const env = { RENTAL_ETL_HOME: join(folder, 'stopped'), RENTAL_ETL_SOURCE: 'sample:0.3', PS1: '$ ' }
    const shell = terminal('bash', ['--norc', '--noprofile', '-i'], { columns: 160, env: plainEnvironment(env) })
    await shell.until(/^\$$/m)
    shell.type(`'${process.execPath}' '${BIN}' run --watch --name stopped\r`)
    await shell.until(/^run stopped · Ctrl-C/)
    shell.type(CTRL_Z)
    await shell.until(/Stopped/)
    expect([shell.screen.cursorShown, shell.screen.isOther]).toEqual([true, false])
    shell.type('echo typed\r')
    await shell.until(/^typed$/m)
    shell.type('fg\r')
    await shell.until(/^run stopped · Ctrl-C/)
    await shell.until(/run stopped succeeded/)
    shell.type('exit\r')
    expect(await shell.ended()).toBe(0)
    expect(shell.screen.text.match(/^run stopped/gm)).toHaveLength(1)
  })

  test.each([
    ['an exception', 'throw new Error("crashed")'],
    ['a rejection', 'void Promise.reject(new Error("crashed"))'],
  ])('gives the terminal back before %s that nobody caught is told', async (_, crash) => {
    const view = pathToFileURL(join(BIN, '../../dist/lib/ui/run-live.js')).href
    const script = `
      import { liveView } from '${view}'
      const end = (error) => { process.stderr.write(error.message + '\\n'); process.exit(70) }
      process.on('uncaughtException', end)
      process.on('unhandledRejection', end)
      const clock = { now: () => new Date() }
      liveView({ stream: process.stderr, keys: process.stdin, source: 's', detaches: false, color: false, clock })
      setTimeout(() => { ${crash} }, 300)`
    const run = terminal(process.execPath, ['--input-type=module', '-e', script])
    expect(await run.ended()).toBe(70)
    expect([run.screen.text, run.screen.isOther, run.screen.cursorShown]).toEqual(['crashed', false, true])
  })

  test('of a run that is over is its last frame', async () => {
    const home = join(folder, 'over')
    const env = { RENTAL_ETL_HOME: home, RENTAL_ETL_SOURCE: 'sample:0.02' }
    expect((await cli(['run', '--name', 'over'], { env })).code).toBe(0)
    const watch = onTerminal(['watch', 'over'], { rows: 8, env })
    expect(await watch.ended()).toBe(0)
    expect(begins(watch)).toEqual(REPORT)
    expect(watch.raw()).not.toContain('\u001b[?1049h')
  })

  test('does not disturb a shell that has put it in the background', async () => {
    const env = { RENTAL_ETL_HOME: join(folder, 'behind'), RENTAL_ETL_SOURCE: 'sample:0.02', PS1: '$ ' }
    const options = { columns: 200, rows: 60, env: plainEnvironment(env) }
    const shell = terminal('bash', ['--norc', '--noprofile', '-i'], options)
    await shell.until(/^\$$/m)
    shell.type(`'${process.execPath}' '${BIN}' run --watch --name behind &\r`)
    await shell.until(/extract {2}started, attempt 1/)
    shell.type('echo typed\r')
    await shell.until(/run behind succeeded/)
    shell.type('exit\r')
    expect(await shell.ended()).toBe(0)
    expect(shell.screen.text).toMatch(/^typed$/m)
    expect(shell.raw()).not.toContain('\u001b[?1049h')
  })

  test('Ctrl-Z without a shell that could go on with it changes nothing', async () => {
    const run = watched('alone', { columns: 80, rows: 24 })
    await run.until(/extract {2}\d/)
    run.type(CTRL_Z)
    expect(await run.ended()).toBe(0)
    expect(begins(run)).toEqual(REPORT)
  })
})
