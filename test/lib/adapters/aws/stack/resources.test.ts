import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { resourceBlocks, resourceChanges } from '../../../../../src/lib/adapters/aws/stack/resources.js'

const template = await readFile(new URL('../../../../../templates/stack.yaml', import.meta.url), 'utf8')

test('every resource of the template is one block with its type', () => {
  const blocks = resourceBlocks(template)
  const types = [...template.matchAll(/^ {4}Type: (AWS::\S+)$/gm)].map(([, type]) => type)
  expect([...blocks.values()].map(({ type }) => type)).toEqual(types)
  expect(blocks.get('Bucket')?.text).toContain('Tags: [{ Key: app, Value: rental-etl }]')
  expect([...blocks.keys()].at(-1)).toBe('MissedAlarm')
})

test('what an update touches', () => {
  const other = template.replace('Period: 300', 'Period: 60').replace('  MissedAlarm:', '  OtherAlarm:')
  expect(resourceChanges(template, template, [])).toEqual([])
  expect(resourceChanges(template, other, [])).toEqual([
    { action: 'modify', resource: 'FailedAlarm', type: 'AWS::CloudWatch::Alarm' },
    { action: 'add', resource: 'OtherAlarm', type: 'AWS::CloudWatch::Alarm' },
    { action: 'remove', resource: 'MissedAlarm', type: 'AWS::CloudWatch::Alarm' },
  ])
  expect(resourceChanges(template, template, ['LogRetentionDays']).map(({ resource }) => resource)).toEqual([
    'WorkflowLog',
  ])
  expect(resourceChanges('', template, []).every(({ action }) => action === 'add')).toBe(true)
})
