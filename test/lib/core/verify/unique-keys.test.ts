import { expect, test } from 'vitest'
import { readSqlFiles } from '../../../../src/lib/adapters/files/sql-files.js'
import { parseRule } from '../../../../src/lib/core/verify/quality.js'
import { UNIQUE_KEYS } from '../../../../src/lib/core/verify/unique-keys.js'

test('the rules that ask whether a key is unique do so of these tables, and ask nothing else', async () => {
  const files = (await readSqlFiles('checks')).filter(({ name }) => name.endsWith('_key_unique'))
  const asked = Object.fromEntries(
    Object.entries(UNIQUE_KEYS).map(([name, { relation, key }]) => {
      const columns = key.map((column) => column.name).join(', ')
      return [name, `select ${columns}, count(*) as copies\nfrom ${relation}\ngroup by ${columns}\nhaving count(*) > 1`]
    }),
  )
  expect(Object.fromEntries(files.map(({ name, text }) => [name, parseRule(name, text).sql]))).toEqual(asked)
})
