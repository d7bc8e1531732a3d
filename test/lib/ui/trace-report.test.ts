import { expect, test } from 'vitest'
import type { TraceStep } from '../../../src/lib/core/trace/steps.js'
import { unpainted } from '../../../src/lib/ui/paint.js'
import { toTerminal } from '../../../src/lib/ui/terminal.js'
import { traceReport } from '../../../src/lib/ui/trace-report.js'

const step = (one: Pick<TraceStep, 'place' | 'relation' | 'status'> & Partial<TraceStep>): TraceStep => ({
  ...{ rule: null, run_id: null, cleared_run_id: null, id: null, file: null, line: null, rows: one.row ? 1 : 0 },
  ...{ row: null, newest: [], note: null },
  ...one,
})

const report = (steps: TraceStep[]): string =>
  traceReport({ kind: 'booking', key: '7', verdict: 'in every layer', reached: 'presentation', rule: null, steps })

test('a value is told where it first stands, and where it changes', () => {
  const row = { booking_id: '7', total_price: '70.00', _nullified: null }
  const steps = [
    step({ place: 'source', relation: 'bookings', status: 'found', file: '/d/bookings.csv', line: 1204, row }),
    step({ place: 'source', relation: 'bookings', status: 'superseded', file: '/d/bookings.csv', line: 9, row }),
    step({
      place: 'quarantine',
      relation: 'bookings',
      status: 'cleared',
      ...{ rule: 'bad_value:user_id', id: '3' },
      run_id: 'r1',
      cleared_run_id: 'r2',
      row: ['7', null],
    }),
    step({
      place: 'lake',
      relation: 'bookings',
      status: 'inserted',
      file: 'data/raw/bookings/run_id=r2/part-0.parquet',
      run_id: 'r2',
      row: { ...row, total_price: '60.00' },
      rows: 2,
    }),
    step({
      place: 'lake',
      relation: 'bookings',
      status: 'gone',
      run_id: 'r3',
      rows: 4,
      note: 'files of loaded rows are not there any more: r3',
    }),
    step({
      place: 'raw',
      relation: 'raw_data.stg_bookings',
      status: 'found',
      run_id: 'r2',
      row: { ...row, _load_seq: '5', _superseded: '1', _nullified: 'num_guests' },
    }),
    step({
      place: 'curated',
      relation: 'curated.fact_bookings',
      status: 'found',
      run_id: 'r2',
      row: { booking_id: '7', listing_id: null },
    }),
    step({
      place: 'presentation',
      relation: 'presentation.vw_repeat_customer_rate',
      status: 'fed',
      run_id: 'r2',
      rows: 30,
      newest: [{ day: '2025-01-02' }, { day: '2025-01-01' }],
    }),
    step({ place: 'presentation', relation: 'presentation.vw_top', status: 'not_fed', rule: 'after_as_of' }),
  ]
  expect(unpainted(report(steps))).toMatchInlineSnapshot(`
    "booking 7

    source        found       bookings, line 1,204
        /d/bookings.csv
        booking_id 7, total_price 70.00
                  superseded  bookings, line 9
    quarantine    cleared     bookings, bad_value:user_id, id 3, run r1, cleared by run r2
        7 | NULL
    lake          inserted    bookings, run r2, 2 copies
        data/raw/bookings/run_id=r2/part-0.parquet
        total_price 60.00
                  gone        bookings, run r3, files of loaded rows are not there any more: r3
    raw           found       stg_bookings, run r2, load 5, 1 superseded, nullified: num_guests
        total_price 70.00
    curated       found       fact_bookings
        listing_id NULL
    presentation  fed         vw_repeat_customer_rate, 30 rows
        day 2025-01-02
        day 2025-01-01
        …
                  not_fed     vw_top, after_as_of

    verdict: in every layer"
  `)
})

test('texts of the source neither control the terminal nor begin a line, and are cut', () => {
  const row = { title: `\u001b[2J\n\ufdd1red`, body: 'x'.repeat(500) }
  const text = toTerminal(report([step({ place: 'raw', relation: 'raw_data.stg_apartments', status: 'found', row })]), {
    color: false,
    width: 80,
  })
  expect(text).not.toContain('\u001b')
  expect(text).toContain('title \\u001b[2J\\n\\ufdd1red, body')
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(text).toContain(`${'x'.repeat(60)}…`)
})
