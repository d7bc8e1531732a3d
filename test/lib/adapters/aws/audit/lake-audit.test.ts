import { expect, test } from 'vitest'
import { LakeAudit } from '../../../../../src/lib/adapters/aws/audit/lake-audit.js'
import type { LakePlace } from '../../../../../src/lib/adapters/aws/audit/lake-state.js'
import { SetUpFailed, StatementFailed } from '../../../../../src/lib/adapters/aws/redshift/errors.js'
import type { RedshiftWarehouse } from '../../../../../src/lib/adapters/aws/redshift/warehouse.js'
import { systemClock } from '../../../../../src/lib/ports/clock.js'

const where = { workgroup: 'rental', database: 'dev' }
const place = {
  ...{ copyRole: 'arn:aws:iam::1:role/copy', retentionDays: 400 },
  files: { bucket: 'lake', objects: async () => new Map(), write: async () => undefined },
} as unknown as LakePlace

/** Looks at a lake without loads, where the table for rejects cannot be filled, as Redshift says. */
async function looked(said: string): Promise<{ asked: string[][]; told: string[] }> {
  const asked: string[][] = []
  const warehouse = {
    place: where,
    readBehind: async (before: string[], queries: Record<string, string>) => {
      asked.push(Object.keys(queries))
      if (before.length > 0) throw new SetUpFailed(new StatementFailed(said, 0, where), undefined)
      return { build: [{ run_id: 'r' }] }
    },
  } as unknown as RedshiftWarehouse
  const { checks, others } = await new LakeAudit(place, systemClock).look(warehouse, [], { build: 'select 1' })
  expect(others).toEqual({ build: [{ run_id: 'r' }] })
  return { asked, told: checks.map(({ name, status, sample }) => `${name} ${status} ${sample[0]?.['problem'] ?? ''}`) }
}

test('what cannot be read of a file is red, and the rest is asked without it', async () => {
  const { asked, told } = await looked('Spectrum Scan Error: no Parquet\nmore')
  expect(asked).toEqual([expect.arrayContaining(['build', 'quarantine_content_stg_bookings']), ['build']])
  expect(told).toContain('quarantine_content_stg_bookings fail cannot be looked at: Spectrum Scan Error: no Parquet')
})

test('what its surroundings did to a COPY is no finding', async () => {
  await expect(looked('Disk Full')).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('Disk Full') })
})
