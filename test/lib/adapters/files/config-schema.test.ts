import { expect, test } from 'vitest'
import { configSchema, keysAt, qualitySchema } from '../../../../src/lib/adapters/files/config-schema.js'

test('the keys that are known at a path, through records and lists', () => {
  expect(keysAt(configSchema, [])).toEqual(['target', 'targets'])
  expect(keysAt(configSchema, ['targets', 'any'])).toEqual(expect.arrayContaining(['kind', 'source', 'guards']))
  expect(keysAt(configSchema, ['targets', 'any', 'guards'])).toEqual([
    'max_deleted',
    'max_deleted_min_rows',
    'max_quarantined',
  ])
  expect(keysAt(qualitySchema, ['rules', 'any'])).toEqual(['severity', 'allowed'])
  expect(keysAt(qualitySchema, ['add', 0])).toEqual(['name', 'severity', 'message', 'sql', 'allowed'])
  // A record takes any key, and a value has none.
  expect(keysAt(configSchema, ['targets'])).toEqual([])
  expect(keysAt(configSchema, ['target'])).toEqual([])
  expect(keysAt(configSchema, ['nothing', 'at all'])).toEqual([])
})
