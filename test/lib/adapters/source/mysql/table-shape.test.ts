import { describe, expect, test } from 'vitest'
import type { MysqlConnection } from '../../../../../src/lib/adapters/source/mysql/connection.js'
import {
  quoted,
  rowsWith,
  type TableShape,
  tableShape,
} from '../../../../../src/lib/adapters/source/mysql/table-shape.js'
import { parseMysqlUrl } from '../../../../../src/lib/core/config/mysql-url.js'
import { type SourceTableName, sourceTable } from '../../../../../src/lib/core/model.js'

interface Schema {
  /** Names and types. */
  columns: Record<string, string>
  /** Unique indexes: the columns of each, null for an expression. */
  unique?: (string | null)[][]
  engine?: string | null
}

/** The shape of a table in a server that says this of it. */
function shapeOf(table: SourceTableName, { columns, unique = [], engine = 'InnoDB' }: Schema): Promise<TableShape> {
  const answers: [RegExp, unknown[]][] = [
    [/information_schema\.tables/, [{ engine, bytes: engine === null ? null : '16384' }]],
    [/information_schema\.columns/, Object.entries(columns).map(([name, type]) => ({ name, type }))],
    [
      /information_schema\.statistics/,
      unique.flatMap((parts, at) => parts.map((part) => ({ name: `u${at}`, parts: part }))),
    ],
    [/limit 0$/, []],
  ]
  const rows = async (sql: string): Promise<unknown> => answers.find(([pattern]) => pattern.test(sql))?.[1]
  return tableShape({ rows } as unknown as MysqlConnection, parseMysqlUrl('mysql://u@h/db'), {}, sourceTable(table))
}

describe('whether no key stands twice', () => {
  const VIEW = { user_id: 'bigint', apartment_id: 'int', viewed_at: 'datetime' }
  test.each<[string, SourceTableName, Schema, boolean]>([
    ['a primary key', 'bookings', { columns: { booking_id: 'bigint' }, unique: [['booking_id']] }, true],
    ['in other letters', 'bookings', { columns: { Booking_ID: 'BIGINT' }, unique: [['BOOKING_ID']] }, true],
    ['no index', 'bookings', { columns: { booking_id: 'bigint' } }, false],
    [
      'another column',
      'bookings',
      { columns: { booking_id: 'bigint', user_id: 'bigint' }, unique: [['user_id']] },
      false,
    ],
    [
      'more than the key',
      'bookings',
      { columns: { booking_id: 'bigint', user_id: 'bigint' }, unique: [['booking_id', 'user_id']] },
      false,
    ],
    [
      'a composite key in another order',
      'user_viewing',
      { columns: VIEW, unique: [['viewed_at', 'user_id', 'apartment_id']] },
      true,
    ],
    ['a part of the key', 'user_viewing', { columns: VIEW, unique: [['user_id', 'viewed_at']] }, true],
    // Texts 1 and 01 are one number, and floats are told apart by more digits than are sent.
    ['a key of texts', 'bookings', { columns: { booking_id: 'varchar' }, unique: [['booking_id']] }, false],
    ['a key of floats', 'bookings', { columns: { booking_id: 'double' }, unique: [['booking_id']] }, false],
    [
      'one text among them',
      'user_viewing',
      { columns: { ...VIEW, viewed_at: 'varchar' }, unique: [['user_id', 'apartment_id', 'viewed_at']] },
      false,
    ],
    ['an expression', 'bookings', { columns: { booking_id: 'bigint' }, unique: [[null], ['booking_id', null]] }, false],
    [
      'an expression beside the key',
      'bookings',
      { columns: { booking_id: 'bigint' }, unique: [[null], ['booking_id']] },
      true,
    ],
  ])('%s', async (_, table, schema, unique) => {
    expect((await shapeOf(table, schema)).unique).toBe(unique)
  })
})

test('how each column is read', async () => {
  const { columns, name } = await shapeOf('apartment_attributes', {
    columns: {
      ID: 'bigint',
      body: 'LONGBLOB',
      cityname: 'varchar',
      state: 'geometry',
      latitude: 'double',
      has_photo: 'bit',
      more: 'blob',
      place: 'point',
      flag: 'bit',
      'a`b': 'json',
    },
  })
  expect(name).toBe('db.apartment_attributes')
  expect(columns.map((column) => [column.name, column.expression, column.kind])).toEqual([
    ['id', '`ID`', 'plain'],
    ['body', '`body`', 'bytes'],
    ['cityname', '`cityname`', 'text'],
    ['state', 'st_astext(`state`)', 'text'],
    ['latitude', '`latitude`', 'float'],
    ['has_photo', '`has_photo` + 0', 'plain'],
    ['more', 'null', 'plain'],
    ['place', 'null', 'plain'],
    ['flag', '`flag` + 0', 'plain'],
    ['a`b', '`a``b`', 'text'],
  ])
})

test('a view has no engine and no size', async () => {
  expect(await shapeOf('bookings', { columns: { booking_id: 'bigint' }, engine: null })).toMatchObject({
    engine: null,
    bytes: 0,
  })
})

test('a table that shows no columns may not be read', async () => {
  await expect(shapeOf('bookings', { columns: {} })).rejects.toMatchObject({
    code: 'ACCESS',
    message: 'db.bookings shows no columns to u',
    suggestions: [
      "GRANT SELECT ON `db`.`bookings` TO 'u'@'%'",
      "mysql --host h --port 3306 --user u -p db -e 'show grants'",
    ],
  })
})

test('an identifier', () => {
  expect(quoted('a`b')).toBe('`a``b`')
})

test('the server is asked for values of whole numbers alone, and for nothing that is none', () => {
  const shape: TableShape = {
    ...{ table: sourceTable('user_viewing'), source: 'views', name: 'db.views', unique: false, engine: null, bytes: 0 },
    columns: [
      { name: 'user_id', expression: '`USER_ID`', kind: 'plain' },
      { name: 'apartment_id', expression: '`apartment_id`', kind: 'text' },
      { name: 'viewed_at', expression: '`viewed_at`', kind: 'plain' },
    ],
    whole: ['user_id'],
  }
  const key = { user_id: '-7', apartment_id: '19', viewed_at: '2026-05-01 10:00:00' }
  expect(rowsWith(shape, key)).toBe(' where `USER_ID` = -7')
  expect(rowsWith({ ...shape, whole: ['user_id', 'apartment_id'] }, key)).toBe(
    ' where `USER_ID` = -7 and `apartment_id` = 19',
  )
  expect(rowsWith(shape, { ...key, user_id: '7 or 1 = 1' })).toBe('')
  expect(rowsWith(shape, {})).toBe('')
})
