import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Doctor from '../../src/commands/doctor.js'
import Logs from '../../src/commands/logs.js'
import Resume from '../../src/commands/resume.js'
import Run from '../../src/commands/run.js'
import RunsShow from '../../src/commands/runs/show.js'
import { captureCommand } from '../support/capture-command.js'
import { SMALL_AS_OF, smallSource } from '../support/small-warehouse.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

test('what lets a guard pass stands wherever its run is shown, and works as it stands there', async () => {
  await workingFolder()
  const folder = await temporaryFolder()
  const [home, source] = [join(folder, 'home'), join(folder, 'source')]
  await smallSource(source)
  const bookings = join(source, 'bookings.csv')
  const [header] = (await readFile(bookings, 'utf8')).split('\n')
  const bad = Array.from(
    { length: 12 },
    (_, at) => `${at + 1},10,1,someday,2025-03-12,2025-03-13,cheap,USD,confirmed,x`,
  )
  await writeFile(bookings, `${[header, ...bad].join('\n')}\n`)
  const where = ['--home', home, '--source', `csv:${source}`]

  const run = await captureCommand(Run, 'run', '--name', 'guarded', '--as-of', SMALL_AS_OF, ...where)
  const again = `rental-etl run --allow-rejects --source csv:${source} --as-of ${SMALL_AS_OF} --home ${home}`
  const resume = 'rental-etl resume --allow-rejects'
  expect(run.code).toBe(1)
  expect(run.stderr).toContain(
    'bookings has 12 bad rows of 12 (100 %), every one of them: 12 by bad_row:fields, such as',
  )
  expect(run.stderr).toContain(`next: ${again}   # lets it pass once`)
  expect(run.stderr).toContain('next: rental-etl run --dry-run')
  expect(run.stderr).toContain(`next: ${resume} --home ${home}`)

  const show = await captureCommand(RunsShow, 'runs:show', '@latest', '--home', home)
  const logs = await captureCommand(Logs, 'logs', '--failed', '--home', home)
  for (const { stderr } of [show, logs]) {
    expect(stderr).toContain(`next: ${again}   # lets it pass once`)
    expect(stderr).toContain(`next: ${resume} --home ${home}`)
  }
  const doctor = await captureCommand(Doctor, 'doctor', ...where)
  expect(doctor.stdout).toContain(
    '! last run                     run guarded failed at extract: bookings has 12 bad rows of 12',
  )
  expect(doctor.stdout).toContain(`    try: ${again}   # lets it pass once`)
  expect(doctor.stdout).not.toContain('all is well')
  const notice = JSON.parse((await readFile(join(home, 'notices.jsonl'), 'utf8')).trim())
  expect(notice).toMatchObject({
    run_id: 'guarded',
    layer: 'extract',
    code: 'GUARD_MAX_QUARANTINED',
    message: expect.stringContaining('bookings has 12 bad rows of 12'),
    next: expect.stringContaining('rental-etl run --allow-rejects'),
  })

  expect((await captureCommand(Resume, 'resume', '--home', home)).code).toBe(1)
  const passed = await captureCommand(Resume, 'resume', '@latest', '--allow-rejects', '--home', home)
  expect(passed.code).toBe(0)
  expect(passed.stdout).toContain(`as of ${SMALL_AS_OF}`)
})
