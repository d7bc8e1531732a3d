import { describe, expect, test } from 'vitest'
import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { createStatements } from '../../../../src/lib/core/sql/ddl.js'
import { describeRelation, findRelation, type Relation } from '../../../../src/lib/core/words/relations.js'

const relation = (schema: string, name: string, kind: Relation['kind'] = 'table'): Relation => ({
  schema,
  name,
  kind,
  columns: [],
})
const RELATIONS = [
  relation('raw_data', 'stg_bookings'),
  relation('curated', 'dim_listings'),
  relation('curated', 'fact_bookings'),
  relation('curated', 'twice'),
  relation('presentation', 'twice', 'view'),
  relation('presentation', 'vw_occupancy_rate_monthly', 'view'),
]
const command = (near: string): string => `rental-etl export ${near} --to x.csv`

describe('findRelation', () => {
  test.each([
    ['curated.dim_listings', 1],
    ['dim_listings', 1],
    ['DIM_Listings', 1],
    ['RAW_DATA.STG_BOOKINGS', 0],
    ['presentation.twice', 4],
  ])('%s', (asked, at) => {
    expect(findRelation(asked, RELATIONS, command)).toBe(RELATIONS[at])
  })

  test.each([
    ['dim_listing', 'there is no relation dim_listing; the nearest is curated.dim_listings', 'curated.dim_listings'],
    [
      'curated.dim_listing',
      'there is no relation curated.dim_listing; the nearest is curated.dim_listings',
      'curated.dim_listings',
    ],
    ['dim_lisitngs', 'there is no relation dim_lisitngs; the nearest is curated.dim_listings', 'curated.dim_listings'],
    // The name of a metric, and a part of a name.
    [
      'occupancy',
      'there is no relation occupancy; the nearest is presentation.vw_occupancy_rate_monthly',
      'presentation.vw_occupancy_rate_monthly',
    ],
    ['_listings', 'there is no relation _listings; the nearest is curated.dim_listings', 'curated.dim_listings'],
    ['book', 'there is no relation book; the nearest is raw_data.stg_bookings', 'raw_data.stg_bookings'],
    ['twice', 'twice is the name of curated.twice and presentation.twice', 'curated.twice'],
  ])('%s: NOT_FOUND with the nearest', (asked, message, near) => {
    expect(() => findRelation(asked, RELATIONS, command)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        exit: 'not_found',
        message,
        suggestions: [`rental-etl export ${near} --to x.csv`, 'rental-etl tables'],
      }),
    )
  })

  test('nothing is near', () => {
    expect(() => findRelation('zzzzzzzzzzzzzzzzzz', RELATIONS, command)).toThrow(
      expect.objectContaining({
        message: 'there is no relation zzzzzzzzzzzzzzzzzz',
        suggestions: ['rental-etl tables'],
      }),
    )
    expect(() => findRelation('dim_listings', [], command)).toThrow(
      expect.objectContaining({ suggestions: ['rental-etl tables'] }),
    )
  })
})

describe('describeRelation', () => {
  test('says of each table that we make what it holds', () => {
    const made = createStatements().flatMap((sql) => {
      const name = /^create table if not exists (\w+)\.(\w+)/.exec(sql)
      return name ? [{ schema: name[1] as string, name: name[2] as string }] : []
    })
    expect(made.length).toBeGreaterThan(SOURCE_TABLES.length + CURATED_TABLES.length)
    expect(made.filter((table) => !describeRelation(table))).toEqual([])
    expect(describeRelation({ schema: 'raw_data', name: 'stg_bookings' })).toBe('bookings of the source, typed')
    expect(describeRelation({ schema: 'curated', name: DIM_DATES.name })).toBe('calendar up to the as-of date')
    expect(describeRelation({ schema: 'presentation', name: 'vw_bookings_per_user_weekly' })).toBe(
      'bookings by user in a week',
    )
  })

  test('and nothing of any other', () => {
    expect(describeRelation({ schema: 'main', name: 'stg_bookings' })).toBeUndefined()
  })
})
