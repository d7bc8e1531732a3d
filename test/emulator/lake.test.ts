import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { provision } from './provision.js'
import { Bucket, roleOf, sharedBox, Warehouse } from './support.js'

// COPY and UNLOAD of Parquet that DuckDB and PyArrow wrote and read.
const shared = sharedBox()
let lake: Bucket
let warehouse: Warehouse
let role: string
beforeAll(async () => {
  lake = await new Bucket(shared.box, 'lake').create()
  warehouse = new Warehouse(shared.box)
  role = `iam_role '${roleOf(shared.box, 'copy')}'`
})

/** Puts rows as Parquet, as DuckDB writes them. @returns the bytes of the file */
async function put(key: string, query: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  try {
    const file = join(folder, 'rows.parquet')
    await inMemory(`copy (${query}) to '${file}' (format parquet)`)
    const body = await readFile(file)
    await lake.put(key, body)
    return body.length
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function inMemory(...statements: string[]): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("set timezone = 'UTC'")
    for (const statement of statements.slice(0, -1)) await connection.run(statement)
    return (await connection.runAndReadAll(statements.at(-1) as string)).getRowsJson() as unknown[][]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Rows of all Parquet files under a prefix, with the types that they have. */
async function read(prefix: string, query = 'select * from rows'): Promise<unknown[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  try {
    for (const [at, key] of (await keys(prefix)).entries())
      await writeFile(join(folder, `${at}.parquet`), await lake.get(key))
    return await inMemory(`create view rows as select * from read_parquet('${folder}/*.parquet')`, query)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function keys(prefix: string): Promise<string[]> {
  const { Contents } = await lake.s3.send(new ListObjectsV2Command({ Bucket: lake.name, Prefix: prefix }))
  return (Contents ?? []).map(({ Key }) => Key as string).filter((key) => key.endsWith('.parquet'))
}

const COLUMNS = `(b boolean, s smallint, i integer, l bigint, f real, d double precision, n decimal(10, 2), w decimal(38, 0),
  day date, at timestamp, v varchar(20))`
const FULL = `true, 7::smallint, 8::integer, 9007199254740993::bigint, 1.5::real, 2.25::double, 12.30::decimal(10, 2),
  12345678901234567890123456789012345678::decimal(38, 0), date '2024-02-29', timestamptz '2024-02-29 01:02:03.000004+00', 'é "x", ''y'' \\ z'`
const NULLS = `null::boolean, null::smallint, null::integer, null::bigint, null::real, null::double, null::decimal(10, 2),
  null::decimal(38, 0), null::date, null::timestamptz, null::varchar`

test('every type goes in by COPY and out by UNLOAD as it was; NULL is not the empty text', async () => {
  await put('in/a.parquet', `select ${FULL} union all select ${NULLS}`)
  await put('in/b.parquet', `select ${FULL.replace(/'é.*'/s, "''")}`)
  await warehouse.do(`create table kinds ${COLUMNS}`)
  const done = await warehouse.do(`copy kinds from 's3://lake/in/' ${role} format as parquet`)
  expect(done.ResultRows).toBe(3)
  expect(await warehouse.rows('select v is null, v, at, w from kinds order by 1, 2')).toEqual([
    [false, '', '2024-02-29 01:02:03.000004', '12345678901234567890123456789012345678'],
    [false, 'é "x", \'y\' \\ z', '2024-02-29 01:02:03.000004', '12345678901234567890123456789012345678'],
    [true, null, null, null],
  ])
  await warehouse.do(`unload ('select * from kinds where b or v is null') to 's3://lake/out/' ${role} format parquet`)
  expect(await keys('out/')).toEqual(['out/0000_part_00.parquet', 'out/0001_part_00.parquet'])
  const was = await inMemory(
    `select ${FULL} union all select ${NULLS} union all select ${FULL.replace(/'é.*'/s, "''")}`,
  )
  expect((await read('out/')).map((row) => JSON.stringify(row)).sort()).toEqual(
    was.map((row) => JSON.stringify(row)).sort(),
  )
  const [types] = await read('out/', 'select typeof(columns(*)) from rows limit 1')
  const wanted =
    'BOOLEAN SMALLINT INTEGER BIGINT FLOAT DOUBLE DECIMAL(10,2) DECIMAL(38,0) DATE TIMESTAMP_WITH_TIME_ZONE VARCHAR'
  expect(types).toEqual(wanted.split(' ').map((type) => type.replaceAll('_', ' ')))
})

test('PyArrow reads what UNLOAD wrote as UTC microseconds, as Spark does', async () => {
  const { server } = await provision()
  const program = "import sys,pyarrow.parquet as p; print(p.read_schema(sys.stdin.buffer).field('at').type)"
  await warehouse.do(`unload ('select at from kinds') to 's3://lake/at/' ${role} format parquet parallel off`)
  const file = join(tmpdir(), `rental-etl-at-${process.pid}.parquet`)
  await writeFile(file, await lake.get('at/0000_part_00.parquet'))
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', '"$0" -c "$1" < "$2"', server, program, file])
    expect(stdout.trim()).toBe('timestamp[us, tz=UTC]')
  } finally {
    await rm(file)
  }
})

describe('COPY', () => {
  beforeEach(() => warehouse.do(['drop table if exists t', 'create table t (a integer, b varchar(4))']))
  const copy = (from: string, more = ''): Promise<{ Status?: string | undefined; Error?: string | undefined }> =>
    warehouse.run(`copy t from 's3://lake/${from}' ${role} format as parquet ${more}`)
  const manifest = (name: string, ...entries: object[]): Promise<string> => lake.put(name, JSON.stringify({ entries }))

  test('takes the files that a manifest names, and no other ones', async () => {
    const length = await put('m/one.parquet', "select 1::integer, 'a'")
    await put('m/two.parquet', "select 2::integer, 'b'")
    await manifest('m.json', { url: 's3://lake/m/one.parquet', mandatory: true, meta: { content_length: length } })
    expect(await copy('m.json', 'manifest')).toMatchObject({ Status: 'FINISHED', ResultRows: 1 })
    expect(await warehouse.rows('select a, b from t')).toEqual([[1, 'a']])
  })

  test.each([
    ['without a length', { mandatory: true }, 'content_length'],
    ['with another length', { mandatory: true, meta: { content_length: 5 } }, 'says 5 bytes'],
    [
      'of a file that is not there',
      { url: 's3://lake/no', mandatory: true, meta: { content_length: 5 } },
      'S3ServiceException',
    ],
  ])('refuses an entry %s', async (_, entry, why) => {
    await put('m/one.parquet', "select 1::integer, 'a'")
    await manifest('bad.json', { url: 's3://lake/m/one.parquet', ...entry })
    expect(await copy('bad.json', 'manifest')).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining(why) })
    expect(await warehouse.rows('select count(*) from t')).toEqual([[0]])
  })

  test.each([
    ['more columns', "select 1::integer, 'a', 2", 'Unmatched number of columns'],
    ['another width', "select 1::bigint, 'a'", "incompatible Parquet schema for column 'a'"],
    ['another type', "select 'x', 'a'", "incompatible Parquet schema for column 'a'"],
    ['a text of too many bytes', "select 1::integer, 'ééa'", 'Value too long for character type'],
  ])('refuses %s', async (what, query, why) => {
    const prefix = `wrong/${what.replaceAll(' ', '-')}/`
    await put(`${prefix}a.parquet`, query)
    expect(await copy(prefix)).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining(why) })
  })

  test('refuses a prefix without files, and options that Parquet has not', async () => {
    expect(await copy('none/')).toMatchObject({ Error: expect.stringContaining('does not exist') })
    expect(await copy('m/', 'maxerror 5')).toMatchObject({ Error: expect.stringContaining('not supported') })
  })

  test('goes by position, not by name', async () => {
    await put('p/a.parquet', "select 5::integer as b, 'x' as a")
    await copy('p/')
    expect(await warehouse.rows('select a, b from t')).toEqual([[5, 'x']])
  })
})

test('UNLOAD of a sum has its digits', async () => {
  await warehouse.do(`unload ('select sum(n) as s from kinds') to 's3://lake/sum/' ${role} format parquet`)
  expect(await read('sum/', 'select s, typeof(s) from rows')).toEqual([['24.60', 'DECIMAL(38,2)']])
})

test('UNLOAD does not write over what is there, unless it may', async () => {
  const unload = (more = ''): Promise<object> =>
    warehouse.run(`unload ('select ''it\\\\''s'' as t') to 's3://lake/again/' ${role} format parquet ${more}`)
  expect(await unload()).toMatchObject({ Status: 'FINISHED' })
  expect(await unload()).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining('is not empty') })
  expect(await unload('allowoverwrite manifest')).toMatchObject({ Status: 'FINISHED' })
  const { entries } = JSON.parse(Buffer.from(await lake.get('again/manifest')).toString())
  expect(entries).toMatchObject([{ url: 's3://lake/again/0000_part_00.parquet', meta: { record_count: 1 } }])
  expect(await read('again/')).toEqual([["it's"]])
})
