import { expect, test } from 'vitest'
import { parseSource } from '../../../../src/lib/core/config/source-spec.js'

test.each([
  ['sample', { kind: 'sample', scale: 1 }],
  ['sample:2', { kind: 'sample', scale: 2 }],
  ['sample:0.02', { kind: 'sample', scale: 0.02 }],
  ['sample:1000', { kind: 'sample', scale: 1000 }],
  ['csv:data', { kind: 'csv', folder: 'data' }],
  ['csv:/a b/ö', { kind: 'csv', folder: '/a b/ö' }],
  ['csv:..', { kind: 'csv', folder: '..' }],
  ['csv:c:d', { kind: 'csv', folder: 'c:d' }],
])('%s', (spec, source) => {
  expect(parseSource(spec, '--source')).toEqual(source)
})

const FORMS = 'it takes csv:DIR, mysql://user@host/database or sample[:scale]'

test.each([
  ['sample:0', 'the scale of sample:0 is beyond 0 to 1000'],
  ['sample:1000.5', 'the scale of sample:1000.5 is beyond 0 to 1000'],
  ['sample:', `"sample:" is no source; ${FORMS}`],
  ['sample:-1', `"sample:-1" is no source; ${FORMS}`],
  ['sample:1e3', `"sample:1e3" is no source; ${FORMS}`],
  ['Sample', `"Sample" is no source; ${FORMS}`],
  ['csv:', `"csv:" is no source; ${FORMS}`],
  ['data', `"data" is no source; ${FORMS}`],
  ['', `"" is no source; ${FORMS}`],
  ['S3://bucket', `a S3:// source is not in this version; ${FORMS}`],
  ['jdbc:mysql://h/db?password=x', `a mysql:// source is not in this version; ${FORMS}`],
  ['csv:https://u:secret@h', 'a csv source is a folder of this machine, not a URL (https://)'],
  ['my mysql://root:secret@db', 'it seems to hold a password, and only a mysql:// URL takes one'],
  ['csv:in;password=x', 'it seems to hold a password, and only a mysql:// URL takes one'],
  ['mysql:root/secret@db', 'it seems to hold a password, and only a mysql:// URL takes one'],
  ['ümysql', `what is given (6 characters) is no source; ${FORMS}`],
])('refuses "%s"', (spec, message) => {
  const suggestions = ['rental-etl run --source csv:DIR', 'rental-etl run --source sample:1']
  expect(() => parseSource(spec, '--source')).toThrow(
    expect.objectContaining({ code: 'USAGE', exit: 'usage', message: `--source: ${message}`, suggestions }),
  )
  expect(() => parseSource(spec, 'f.yml:3 source', 'configuration')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', exit: 'invalid', message: `f.yml:3 source: ${message}` }),
  )
})
