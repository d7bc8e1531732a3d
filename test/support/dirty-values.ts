import fc from 'fast-check'
import type { Column, SourceTableName } from '../../src/lib/core/model.js'

export const pick = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values)
const NULLS = pick('', ' ', '\\N', 'null', 'NULL', ' Null\t')
const TYPED_NULLS = pick('none', 'NaN', 'n/a', 'N/A')
const LISTINGS = ['1', '2', '3', '4', '5', '6', '7', '8', '5508654087', '9007199254740993', '-5', '0']
const USERS = ['1', '2', '3', '4', '8589934592', '0']
// Around the as-of dates of the tests, so that lives, stays and weeks overlap them.
const dayAfter = (n: number): string => new Date(Date.UTC(2023, 11, 1) + n * 86_400_000).toISOString().slice(0, 10)
// Half of them in the weeks before one of those dates, so that something meets in a week.
const days = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 84, max: 104 })).map(dayAfter)
const slashed = (day: string): string => `${day.slice(8, 10)}/${day.slice(5, 7)}/${day.slice(0, 4)}`
const times = pick('00:00:00', '23:59:59', '10:20:30')
const BAD_DATES = pick(
  '0000-00-00',
  '2024-02-30',
  '2024-1-5',
  '31/02/2024',
  '5/1/2024',
  'epoch',
  'today',
  '2024-03-01 24:00:00',
  '2024-03-01+02',
  '2024-03-01T10:00:00+02:00',
  '1899-12-31',
  '2200-01-01',
  '20240301',
)
const BAD_NUMBERS = pick('1e3', '1_000', '0x1F', '1,5', '$5', 'abc', '--1', '.', '1.2.3', '٣')
export const TEXTS = pick(
  'Oslo',
  ' Oslo ',
  'oslo',
  'München',
  'a,b',
  'say "hi"',
  '"',
  'two\nlines',
  'tab\there',
  'none',
  'n/a',
  'no\u00a0break',
  '\ufeffmark',
  "it's",
  '東京',
  'null?',
  '00123',
)

function bigints(pool: string[]): Field {
  // The first few stand oftener, so that rows of different tables meet.
  const good = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...pool.slice(0, 4)) },
    { weight: 1, arbitrary: fc.constantFrom(...pool) },
  )
  return field(
    good,
    good.map((text) => `+${text.replace('-', '')}`),
    good.map((text) => ` ${text}.0 `),
    pick('9223372036854775808', '1.5', '-'),
    BAD_NUMBERS,
  )
}

/** The values of a column: good ones, and ones that are NULL, odd or bad. */
export interface Field {
  good: fc.Arbitrary<string>
  /** Mostly good. */
  dirty: fc.Arbitrary<string>
}

function field(good: fc.Arbitrary<string>, ...seldom: fc.Arbitrary<string>[]): Field {
  const others = [NULLS, TYPED_NULLS, ...seldom].map((arbitrary) => ({ weight: 1, arbitrary }))
  return { good, dirty: fc.oneof({ weight: 24, arbitrary: good }, ...others) }
}

/** Good values, NULL among them now and then. */
function nullable(good: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 15, arbitrary: good }, { weight: 1, arbitrary: fc.constant('') })
}

/** What stands in a column of a table. */
export function fieldOf(table: SourceTableName, column: Column): Field {
  const { name, type } = column
  if (name === 'id' || name === 'apartment_id') return bigints(LISTINGS)
  if (name === 'user_id') return bigints(USERS)
  if (name === 'booking_id') return bigints(Array.from({ length: 25 }, (_, n) => String(7000000000 + n)))
  if (name === 'booking_status')
    return field(
      nullable(
        fc.oneof(
          { weight: 3, arbitrary: pick('confirmed', 'Confirmed', ' CONFIRMED ') },
          { weight: 1, arbitrary: pick('canceled', 'Cancelled', 'pending', 'unconfirmed') },
        ),
      ),
      pick('canceled', 'Cancelled', 'pending', 'unconfirmed', 'confirmed?', 'ｃonfirmed', 'MODIFICACIÓN'),
    )
  if (name === 'currency') return field(nullable(pick('USD', 'usd', 'eur')), pick('zł', 'ß', 'xxx', 'none'))
  if (name === 'cityname' || name === 'state') return field(nullable(pick('Oslo', 'Bergen')), TEXTS)
  if (type === 'BIGINT' || type === 'INTEGER')
    return field(fc.integer({ min: -2, max: 9 }).map(String), pick('2147483648', '3.0', '2.5'), BAD_NUMBERS)
  if (type === 'BOOLEAN')
    return field(
      pick('true', 'false', '1', '0'),
      pick('Y', 'n', 'YES', 'No', 'T', 'f', 'tRuE'),
      pick('2', 'maybe', 'on'),
    )
  if (type === 'VARCHAR')
    return field(TEXTS, fc.string({ unit: 'grapheme', maxLength: 8 }).map(plain), pick(`${'x'.repeat(65_534)}東`))
  if (type === 'DATE')
    return field(
      days,
      days.map(slashed),
      fc.tuple(days, times).map((parts) => parts.join(' ')),
      BAD_DATES,
    )
  if (type === 'TIMESTAMP') {
    // Few distinct moments for the key of user_viewing, so that copies meet.
    const moment =
      table === 'user_viewing' ? fc.tuple(pick('2024-02-01', '2024-03-15', '2024-05-31'), times) : fc.tuple(days, times)
    const plainTime = moment.map((parts) => parts.join(' '))
    return field(
      plainTime,
      plainTime.map((text) => `${text.replace(' ', 'T')}Z`),
      plainTime.map((text) => `${text}.5`),
      plainTime.map((text) => `${text}.500000`),
      days,
      days.map((day) => `${slashed(day)} 01:02:03`),
      BAD_DATES,
    )
  }
  return field(
    fc.integer({ min: -5, max: 4000 }).map((n) => (n / 4).toFixed(2)),
    pick('1.005', '0.005', '-0.005', '.5', '5.', '+7', '007', '12.5', '99999999.994'),
    pick('99999999.995', '1000000000000'),
    BAD_NUMBERS,
  )
}

/** No NUL and no lone surrogate can stand in a file; a carriage return may, but only inside quotes. */
function plain(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
