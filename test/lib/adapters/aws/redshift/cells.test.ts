import { expect, test } from 'vitest'
import { cellMapper, resultColumns, tableType } from '../../../../../src/lib/adapters/aws/redshift/cells.js'

test.each([
  ['int8', 0, 0, 'BIGINT'],
  ['int4', 0, 0, 'INTEGER'],
  ['int2', 0, 0, 'INTEGER'],
  ['numeric', 12, 2, 'DECIMAL(12,2)'],
  ['numeric', 38, 0, 'BIGINT'],
  ['numeric', 38, 2, 'DECIMAL(38,2)'],
  ['float8', 0, 0, 'DOUBLE'],
  ['varchar', 80, 0, 'VARCHAR'],
  ['bpchar', 3, 0, 'VARCHAR'],
  ['bool', 0, 0, 'BOOLEAN'],
  ['date', 0, 0, 'DATE'],
  ['timestamp', 0, 0, 'TIMESTAMP'],
  ['timestamptz', 0, 0, 'TIMESTAMP WITH TIME ZONE'],
  ['super', 0, 0, 'SUPER'],
])('a column of the type %s(%i,%i) is %s', (typeName, precision, scale, type) => {
  expect(resultColumns([{ name: 'x', typeName, precision, scale }])).toEqual([{ name: 'x', type }])
})

test('a column is named by its label', () => {
  expect(resultColumns([{ name: 'x', label: 'y', typeName: 'int4' }])).toEqual([{ name: 'y', type: 'INTEGER' }])
})

test.each([
  ['character varying(80)', 'VARCHAR'],
  ['numeric(12,2)', 'DECIMAL(12,2)'],
  ['numeric(38,0)', 'BIGINT'],
  ['numeric', 'DECIMAL(18,0)'],
  ['bigint', 'BIGINT'],
  ['timestamp without time zone', 'TIMESTAMP'],
  ['timestamp with time zone', 'TIMESTAMP WITH TIME ZONE'],
  ['double precision', 'DOUBLE'],
  ['character(3)', 'VARCHAR'],
  ['geometry', 'GEOMETRY'],
])('a column of a table of the type %s is %s', (text, type) => expect(tableType(text)).toBe(type))

test.each([
  ['BIGINT', { stringValue: '9007199254740993' }, '9007199254740993'],
  ['BIGINT', { longValue: -5 }, '-5'],
  ['INTEGER', { longValue: 7 }, 7],
  ['DECIMAL(12,2)', { stringValue: '1.50' }, '1.50'],
  ['DOUBLE', { doubleValue: 0.25 }, 0.25],
  ['DOUBLE', { stringValue: 'NaN' }, 'NaN'],
  ['DOUBLE', { doubleValue: Number.POSITIVE_INFINITY }, 'Infinity'],
  ['BOOLEAN', { booleanValue: false }, false],
  ['VARCHAR', { stringValue: '' }, ''],
  ['DATE', { stringValue: '2024-05-01' }, '2024-05-01'],
  ['DATE', { isNull: true }, null],
  ['BIGINT', { isNull: true }, null],
  ['TIMESTAMP', { stringValue: '2024-05-01 10:00:00' }, '2024-05-01T10:00:00Z'],
  ['TIMESTAMP', { stringValue: '2024-05-01 10:00:00.000' }, '2024-05-01T10:00:00Z'],
  ['TIMESTAMP', { stringValue: '2024-05-01 10:00:00.500000' }, '2024-05-01T10:00:00.5Z'],
  ['TIMESTAMP', { stringValue: '2024-05-01 10:00:00.000001' }, '2024-05-01T10:00:00.000001Z'],
  ['TIMESTAMP WITH TIME ZONE', { stringValue: '2024-05-01 10:00:00+00' }, '2024-05-01T10:00:00Z'],
  ['TIMESTAMP WITH TIME ZONE', { stringValue: '2024-05-01 01:00:00.25+05:30' }, '2024-04-30T19:30:00.25Z'],
  ['TIMESTAMP WITH TIME ZONE', { stringValue: '2024-05-01 22:00:00-04' }, '2024-05-02T02:00:00Z'],
  ['VARBYTE', { blobValue: new Uint8Array([1, 255]) }, '01ff'],
])('a cell of %s from %j is %j', (type, field, cell) => expect(cellMapper(type)(field as never)).toBe(cell))
