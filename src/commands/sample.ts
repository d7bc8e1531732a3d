import { Args, Flags } from '@oclif/core'
import { MAX_DAYS, SAMPLE_DEFAULTS } from '../lib/core/sample/sample.js'
import { shellWord } from '../lib/core/words/shell-word.js'
import type { SampleTableFile, WrittenSample } from '../lib/ports/sample-writer.js'
import { createSamples } from '../lib/runtime.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { dirtFlag, scaleFlag } from '../lib/shell/flags.js'

const ROWS_AT_ONE = 320_000

/** From so many rows on it takes long enough to say that something is going on. */
const MANY_ROWS = 3_000_000

export default class Sample extends BaseCommand<typeof Sample> {
  static override summary = 'Write a made-up source as CSV files.'
  static override description =
    `Listings, their attributes, bookings, and the views that lead to them, with referential integrity. The same scale, seed and dirt give the same bytes. About 2 % of the rows are odd: bad or missing values, copies, other spellings; --dirt 0 makes all of them clean.

With --days the folder holds day00, day01, …: each a whole source, with rows of the day before it inserted, changed, deleted, corrected, or added late. The folder must be new or empty, or hold an earlier sample, which is replaced; it is filled in one go, once everything is written.

Exit status: 0 written, 64 usage, or a folder that holds something else, 74 cannot write, 130 interrupted.`
  static override examples = [
    { description: 'A tenth of the usual size', command: '<%= config.bin %> <%= command.id %> DIR --scale 0.1' },
    {
      description: 'A clean source and five days of changes, for a script',
      command: '<%= config.bin %> <%= command.id %> DIR --scale 0.1 --dirt 0 --days 5 --json',
    },
  ]
  static override args = {
    dir: Args.string({ description: 'Folder for the files.', required: true, ignoreStdin: true }),
  }
  static override flags = {
    scale: scaleFlag({
      summary: 'Size; 1 is 10,000 listings, 100,000 bookings, 200,000 views.',
      helpValue: 'N',
      default: SAMPLE_DEFAULTS.scale,
    }),
    seed: Flags.integer({
      summary: 'Another seed gives other rows.',
      helpValue: 'N',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      default: SAMPLE_DEFAULTS.seed,
    }),
    dirt: dirtFlag({
      summary: 'Share of rows with something odd about them, 0 to 0.5.',
      helpValue: 'P',
      default: SAMPLE_DEFAULTS.dirt,
    }),
    days: Flags.integer({
      summary: 'Days of changes after day00; 0 writes the sample alone.',
      helpValue: 'N',
      min: 0,
      max: MAX_DAYS,
      default: 0,
    }),
  }

  async run(): Promise<WrittenSample> {
    const { dir } = this.args
    const { scale, seed, dirt, days } = this.flags
    const rows = scale * ROWS_AT_ONE * (days + 1)
    if (rows >= MANY_ROWS) this.note(`writing about ${Math.round(rows / 1e6)} million rows to ${dir}`)
    const written = await (await createSamples()).write(dir, { scale, seed, dirt, days, signal: this.signal })
    this.#show(written)
    for (const [folder, lastDay] of sources(dir, written)) {
      this.next(`rental-etl run --source ${shellWord(`csv:${folder}`)} --as-of ${lastDay}`)
    }
    return written
  }

  #show({ folder, tables, days, last_day }: WrittenSample): void {
    for (const file of tables) this.out(line(file))
    for (const day of days) {
      this.out(`day ${day.day}, until ${day.last_day}`)
      for (const file of day.tables) this.out(line(file))
    }
    this.out(`sample until ${last_day} written to ${folder}`)
  }
}

/** The folders to run, as they were asked for, and their as-of dates: of a history, its first two days. */
function sources(dir: string, { days, last_day }: WrittenSample): [string, string][] {
  const parent = dir.replace(/\/+$/, '') || '/'
  if (days.length === 0) return [[parent, last_day]]
  return days.slice(0, 2).map((day) => [`${parent}/${day.folder.split(/[\\/]/).at(-1)}`, day.last_day])
}

function line({ table, rows, bytes, path }: SampleTableFile): string {
  const number = (value: number): string => value.toLocaleString('en-US')
  return `${table.padEnd(20)} ${number(rows).padStart(11)} rows ${number(bytes).padStart(14)} bytes  ${path}`
}
