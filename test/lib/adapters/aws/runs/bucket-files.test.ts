import { expect, test } from 'vitest'
import { BucketFiles } from '../../../../../src/lib/adapters/aws/runs/bucket-files.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'

function open(): { aws: FakeAws; files: BucketFiles } {
  const aws = new FakeAws()
  return { aws, files: new BucketFiles(aws.clients, 'lake') }
}

test('a file is written, read and removed', async () => {
  const { files } = open()
  expect(await files.read('a')).toBeUndefined()
  await files.write('a', 'x')
  expect(await files.read('a')).toBe('x')
  await files.remove('a')
  expect(await files.read('a')).toBeUndefined()
})

test('of two that create a file, the first one’s stays', async () => {
  const { aws, files } = open()
  aws.failures['PutObject'] = [named('ConditionalRequestConflict')]
  expect(await files.create('a', 'first')).toBe(true)
  expect(await files.create('a', 'second')).toBe(false)
  expect(await files.read('a')).toBe('first')
  aws.failures['PutObject'] = [named('X')]
  await expect(files.create('b', '')).rejects.toThrow('X')
})

test('folders over pages', async () => {
  const { aws, files } = open()
  for (const key of ['runs/a/x', 'runs/a/y', 'runs/b/x', 'runs/c/x', 'data/d/x']) aws.files.set(key, '')
  expect(await files.folders('runs/')).toEqual(['a', 'b', 'c'])
})

test('without the bucket there is nothing to read', async () => {
  const { aws, files } = open()
  aws.failures['GetObject'] = [named('NoSuchBucket')]
  await expect(files.read('a')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'there is no bucket lake',
    suggestions: ['rental-etl bootstrap'],
  })
})
