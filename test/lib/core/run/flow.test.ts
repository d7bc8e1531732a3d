import { expect, test } from 'vitest'
import { countOf, FLOW_COUNTS, flowCounts, isIdle, sumOf } from '../../../../src/lib/core/run/flow.js'
import { emptyFlow } from '../../../../src/lib/core/run/run.js'

const FLOW = {
  ...emptyFlow('stg_bookings'),
  rows_in: 1000,
  rows_out: 80,
  inserted: 5,
  deleted: 3,
  quarantined: { 'null_key:booking_id': 2, 'bad_row:fields': 1 },
}

test('the counts are those of --json, in its order', () => {
  const { table, unexplained, ...counts } = emptyFlow('t')
  expect([table, unexplained, Object.keys(counts)]).toEqual(['t', 0, [...FLOW_COUNTS]])
})

test('a flow says what is not zero, rules summed up', () => {
  expect(flowCounts(FLOW)).toBe('1,000 rows in, 80 rows out, 5 inserted, 3 deleted, 3 quarantined')
  expect(flowCounts(FLOW, { brief: true })).toBe('5 inserted, 3 deleted, 3 quarantined')
  expect(flowCounts({ ...emptyFlow('t'), rows_in: 1, rows_out: 1 }, { brief: true })).toBe('1 rows in, 1 rows out')
  expect(flowCounts({ ...FLOW, rows_out: 0, unexplained: -4 }, { brief: true })).toBe(
    '5 inserted, 3 deleted, 3 quarantined, -4 UNEXPLAINED',
  )
  expect(countOf(FLOW, 'quarantined')).toBe(3)
  expect(sumOf([FLOW, FLOW], 'inserted', 'quarantined')).toBe(16)
})

test('a table with nothing to do', () => {
  expect(flowCounts(emptyFlow('t'))).toBe('nothing moved')
  expect([isIdle(emptyFlow('t')), isIdle(FLOW), isIdle({ ...emptyFlow('t'), unexplained: 1 })]).toEqual([
    true,
    false,
    false,
  ])
})
