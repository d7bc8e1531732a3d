import { expect, test } from 'vitest'
import { readSqlFiles } from '../../../../src/lib/adapters/files/sql-files.js'
import { CURATED_TABLES, DIM_DATES } from '../../../../src/lib/core/model.js'

test('one object in a file, by name, with its text', async () => {
  const files = await readSqlFiles('curated')
  expect(files.map(({ name }) => name)).toEqual([...CURATED_TABLES, DIM_DATES].map(({ name }) => name).sort())
  expect(files.filter(({ text }) => !/\bselect\b/.test(text))).toEqual([])
})

test('a folder that is not there', async () => {
  await expect(readSqlFiles('none')).rejects.toMatchObject({ code: 'ENOENT' })
})
