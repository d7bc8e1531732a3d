import { expect, test } from 'vitest'
import { type CronCommand, crontab } from '../../../../src/lib/core/config/crontab.js'

const COMMAND: CronCommand = {
  ...{
    node: '/opt/node',
    tool: '/opt/etl/bin/run.js',
    folder: '/w',
    home: '/w/wh',
    words: ['run', '--target', 'local'],
  },
  environment: {},
}
const UTC = { name: 'UTC', ahead: [0, 0] }
const LINE =
  'cd /w && mkdir -p /w/wh && { /opt/node /opt/etl/bin/run.js run --target local >> /w/wh/cron.log 2>&1 || { code=$?; tail -n 20 /w/wh/cron.log; exit $code; }; }'

test('one line, with absolute paths, that keeps the exit code and shows why a run has failed', () => {
  expect(crontab('0 2 * * *', COMMAND, UTC)).toBe(`0 2 * * * ${LINE}`)
})

test('words of any kind, variables, and the sign that cron takes for the end of a line', () => {
  const odd = { ...COMMAND, home: "/w/100% o'h", folder: '/w x', environment: { RENTAL_ETL_MEMORY: '2GB' } }
  const home = String.raw`/w/100\% o'\''h`
  expect(crontab('0 2 * * *', odd, UTC)).toBe(
    `0 2 * * * cd '/w x' && mkdir -p '${home}' && { RENTAL_ETL_MEMORY=2GB /opt/node /opt/etl/bin/run.js run --target local >> '${home}/cron.log' 2>&1 || { code=$?; tail -n 20 '${home}/cron.log'; exit $code; }; }`,
  )
  expect(() => crontab('0 2 * * *', { ...COMMAND, home: '/w/a\nb' }, UTC)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: 'a line of crontab cannot hold a path with a line break' }),
  )
})

test('the hours are those of the machine, whose cron need not know of another zone', () => {
  expect(crontab('0 2 * * *', COMMAND, { name: 'Asia/Kolkata', ahead: [330, 330] })).toBe(
    `# 0 2 * * * UTC, in the hours of Asia/Kolkata\n30 7 * * * ${LINE}`,
  )
  // Never before it is due: the later of the two times.
  expect(crontab('0 2 * * 1', COMMAND, { name: 'Europe/Berlin', ahead: [60, 120] })).toBe(
    `# 0 2 * * 1 UTC, in the hours of Europe/Berlin; out of summer time it begins 60 minutes later\n0 4 * * 1 ${LINE}`,
  )
  expect(crontab('0 23 1 * *', COMMAND, { name: 'Europe/Berlin', ahead: [60, 120] })).toBe(
    `# five fields cannot say 0 23 1 * * UTC in Europe/Berlin: this needs a cron that knows CRON_TZ, which Debian's does not\nCRON_TZ=UTC\n0 23 1 * * ${LINE}`,
  )
})
