import { expect, test } from 'vitest'
import { AwsSourceCheck } from '../../../../src/lib/adapters/aws/source-check.js'
import { verdictOf } from '../../../../src/lib/core/verify/verify.js'

test('what is not looked at says so, and no verdict is green by it', async () => {
  const check = new AwsSourceCheck()
  const checks = [...(await check.compare()), ...(await check.count())]
  expect(checks.map(({ name, scope, status }) => [name, scope, status])).toEqual([
    ['source_content', 'checksum', 'skip'],
    ['source_rows', 'freshness', 'skip'],
  ])
  expect(verdictOf([], checks)).toBe('warn')
  await expect(check.plan()).rejects.toMatchObject({ code: 'USAGE' })
  expect(await check.lineOf()).toBeUndefined()
})
