import { expect, test } from 'vitest'
import { auditLines, type TableAudit } from '../../../src/lib/core/run/bookmark-audit.js'
import { auditReport as report } from '../../../src/lib/ui/bookmark-audit-report.js'
import { toTerminal } from '../../../src/lib/ui/terminal.js'

const auditReport = (audits: TableAudit[]): string => toTerminal(report(audits), { color: false })

const audit = (table: string, found: Parameters<typeof auditLines>[0], more: Partial<TableAudit> = {}): TableAudit => ({
  ...{ table, column: 'id', reads_from: '12', inclusive: false, kinds: auditLines(found), ...more },
})

test('what is lost and what is not, with the first keys; a table that is in order in one line', () => {
  const views = new Map([
    ['deleted', { rows: 1, keys: [{ user_id: '1', apartment_id: '2', viewed_at: '2025-01-01 00:00:00' }] }],
    ['equal', { rows: 1200, keys: [] }],
  ])
  const late = new Map([['late', { rows: 3, keys: [{ id: '4' }, { id: '5' }] }]])
  const inclusive = { column: 'viewed_at', inclusive: true, reads_from: '2025-03-02 11:30:00.5' }
  const text = auditReport([
    audit('apartments', late),
    audit('bookings', new Map(), { reads_from: null }),
    audit('user_viewing', views, inclusive),
  ])
  expect(text.split('\n')).toEqual([
    'apartments, read id beyond 12',
    '  3 came late, behind the bookmark: 4, 5, …',
    'bookings, read from the beginning: as raw has it',
    'user_viewing, read viewed_at from 2025-03-02 11:30:00',
    '  1 gone from the source, or bad there now: 1 | 2 | 2025-01-01 00:00:00',
    '  1,200 at the bookmark itself: read again, none is lost: …',
    '4 rows that bookmarks alone would never take; a run that reconciles does',
  ])
})

test('nothing is missed', () => {
  const waiting = new Map([['waiting', { rows: 1, keys: [{ id: '13' }] }]])
  expect(
    auditReport([audit('apartments', waiting)])
      .split('\n')
      .slice(1),
  ).toEqual(['  1 wait for the next run: 13', 'a bookmark alone misses nothing'])
})
