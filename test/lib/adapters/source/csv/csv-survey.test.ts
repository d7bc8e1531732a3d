import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { surveyFolder } from '../../../../../src/lib/adapters/source/csv/csv-survey.js'
import { LOOKED_AT_ROWS } from '../../../../../src/lib/core/config/found-table.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const signal = new AbortController().signal

test('names and first rows of every file, as they are read; of one that cannot be, its fault', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'folder.csv'))
  const files = {
    'my listings.csv': '\ufeff id ,"na ""me"""\n1,"a, b"\n 2 ,\n3\n',
    'empty.csv': '',
    'header.csv': 'x,y\n',
    'semi.csv': 'a;b\n1;2\n',
    'mixed.csv': 'a,b\n1,2\r\n',
    'note.txt': 'x',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const { tables, anyCase } = await surveyFolder(folder, signal)
  expect(anyCase).toBe(false)
  expect(tables.filter(({ fault }) => !fault)).toEqual([
    {
      name: 'header',
      columns: [
        { name: 'x', values: [] },
        { name: 'y', values: [] },
      ],
    },
    {
      name: 'my listings',
      columns: [
        { name: 'id', values: ['1', '2'] },
        { name: 'na "me"', values: ['a, b', ''] },
      ],
    },
  ])
  expect(tables.flatMap(({ name, fault }) => (fault ? [`${name}: ${fault.replaceAll(folder, '')}`] : []))).toEqual([
    'empty: /empty.csv:1: the file has no header line; nothing was changed',
    expect.stringContaining('folder: /folder.csv'),
    expect.stringContaining('mixed: /mixed.csv:2: the file mixes line ends'),
    'semi: /semi.csv has one column; is it separated by semicolons? it has to be commas',
  ])
})

test('no more of a file is looked at than is needed', async () => {
  const folder = await temporaryFolder()
  const rows = Array.from({ length: LOOKED_AT_ROWS + 5 }, (_, at) => `${at}\n`)
  // What a run would refuse stands beyond.
  await writeFile(join(folder, 'long.csv'), `a\n${rows.join('')}"\n`)
  const [table] = (await surveyFolder(folder, signal)).tables
  expect(table?.fault).toBeUndefined()
  expect(table?.columns[0]?.values).toHaveLength(LOOKED_AT_ROWS)
})

test('an abort ends it', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.csv'), 'a\n1\n')
  await expect(surveyFolder(folder, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})
