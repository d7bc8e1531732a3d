import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manifestHash } from '../../src/lib/adapters/files/manifest-hash.js'
import { schemaHash } from '../../src/lib/adapters/local/jobs/manifest-file.js'
import { columnText } from '../../src/lib/adapters/source/column-text.js'
import { EtlError } from '../../src/lib/core/errors.js'
import type { SqlType } from '../../src/lib/core/model.js'
import { redshiftText } from '../../src/lib/core/release/redshift-text.js'
import { asOfDate } from '../../src/lib/core/run/as-of.js'
import type { Manifest } from '../../src/lib/core/run/manifest.js'
import { parseRequest } from '../../src/lib/core/run/request.js'
import { temporaryFolder } from '../support/temporary.js'
import { trickyText } from '../support/tricky-text.js'
import { python } from './python.js'

/** What Python functions give for these arguments, in one process. */
async function called(calls: readonly (readonly [name: string, args: readonly unknown[]])[]): Promise<unknown[]> {
  const file = join(await temporaryFolder(), 'calls.json')
  await writeFile(file, JSON.stringify(calls))
  return JSON.parse(await python('pure_case.py', [file]))
}

/** The same of one of ours, an error of ours by its code. */
function given(of: () => unknown): unknown {
  try {
    return of()
  } catch (error) {
    if (error instanceof EtlError) return { code: error.code, message: error.message }
    throw error
  }
}

/** Letters that show nothing; of letters that one of the two does not know yet nothing is asked. */
const UNSEEN = [
  'a\u200bb',
  '\u00ad',
  '\u3164',
  '\u{e0001}',
  ' a\u00a0b ',
  '\ufe0f',
  '\u180b',
  '\u115f',
  '\u034f',
  '\u2028',
  '\u0007',
]

const texts = fc.sample(fc.oneof(trickyText, fc.string({ unit: 'grapheme', maxLength: 12 })), { numRuns: 500, seed: 3 })

test('what both sides say of one thing is the same', async () => {
  const dates = [
    '2024-02-29',
    '2023-02-29',
    '2024-2-1',
    '1899-12-31',
    '2200-01-01',
    '2024-03-01T00:00:00Z',
    '2024-01-01T23:59:59.999Z',
    'today',
    '2024-01-01T00:00:00+02:00',
  ]
  const statements = texts.map(
    (text) =>
      `select '${text.replaceAll("'", "''")}', "${text.replaceAll('"', '""')}" -- ${text.replaceAll(/[\r\n]/g, '')}`,
  )
  const manifests = texts.map(
    (text) =>
      ({
        version: 1,
        tables: [{ drift: [text], full: true, fingerprint: null, source_rows: 12 }],
      }) as unknown as Manifest,
  )
  const columns = [
    { name: 'größe', type: 'DECIMAL(10,2)' as SqlType, required: true },
    { name: '_deleted', type: 'BOOLEAN' as SqlType, required: true },
  ]
  const calls: [string, unknown[], unknown][] = [
    ...dates.map((date): [string, unknown[], unknown] => ['as_of_date', [date], given(() => asOfDate(date))]),
    ...[...UNSEEN, ...fc.sample(trickyText, { numRuns: 300, seed: 4 })].map((text): [string, unknown[], unknown] => [
      'column_text',
      [text],
      columnText(text),
    ]),
    ...statements.map((sql): [string, unknown[], unknown] => ['redshift_text', [sql], redshiftText(sql)]),
    ...manifests.map((manifest): [string, unknown[], unknown] => ['manifest_hash', [manifest], manifestHash(manifest)]),
    ['schema_hash', [columns], schemaHash(columns)],
  ]
  const found = await called(calls.map(([name, args]) => [name, args]))
  for (const [at, [name, args, expected]] of calls.entries())
    expect({ name, args, found: found[at] }).toEqual({ name, args, found: expected })
})

test('a request that leaves out what it may has the same defaults, but for the target that the job runs on', async () => {
  const documents = [
    { run_id: 'r', as_of: '2024-01-01' },
    {
      run_id: 'r',
      as_of: '2024-01-01T00:00:00Z',
      guards: { max_deleted: 0.9 },
      from: 'raw',
      reconcile: 'never',
      more: 1,
    },
  ]
  const found = await called(documents.map((document) => ['parse_request', [document]] as const))
  for (const [at, document] of documents.entries()) {
    const { target: _, source: __, ...request } = parseRequest(document) as unknown as Record<string, unknown>
    expect(found[at]).toMatchObject(request)
    expect(Object.keys(found[at] as object).sort()).toEqual([...Object.keys(request), 'source', 'target'].sort())
  }
})

test('no password is told', async () => {
  const secret = 's3cret'
  const told = await called([
    ['mask_secrets', [`jdbc:mysql://u:${secret}@h/db cannot be reached`]],
    ['mask_secrets', [`jdbc:mysql://h/db?password=${secret}&x=1`]],
    ['mask_secrets', [`{"username": "u", "password": "${secret}"}`]],
    ['mask_secrets', ['data/raw/x: nothing to hide']],
  ])
  expect(JSON.stringify(told)).not.toContain(secret)
  expect(told[3]).toBe('data/raw/x: nothing to hide')
})

test('what S3 refuses Spark is told with its action, in the words of any file system; other errors stay', async () => {
  const words = [
    // Of S3A: with the action, and of a head, whose answer has no words.
    'x: java.nio.file.AccessDeniedException: glue/temp/r/_temporary/0: PUT 0-byte object on it: AmazonS3Exception: User: a is not authorized to perform: s3:PutObject because no policy allows it (Service: Amazon S3; Status Code: 403;',
    'java.nio.file.AccessDeniedException: s3://lake/data/raw/x: getFileStatus on it: AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403;',
    // Of Glue's own.
    'AmazonS3Exception: User: a is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::lake/data/x" because',
    'AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden',
    `java.sql.SQLException: Access denied for user 'etl'@'10.0.0.7'`,
  ]
  const may = (what: string) => ({ code: 'ACCESS', message: `the role of the job may not ${what}` })
  expect(await called(words.map((said) => ['refusal', [said]] as const))).toEqual([
    may('s3:PutObject on glue/temp/r/_temporary/0'),
    may('s3:GetObject on s3://lake/data/raw/x'),
    may('s3:DeleteObject on arn:aws:s3:::lake/data/x'),
    may('s3:GetObject on the lake'),
    null,
  ])
})
