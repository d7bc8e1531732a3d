import { expect, test } from 'vitest'
import { Executions } from '../../../../../src/lib/adapters/aws/runs/executions.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'
import { collect } from '../../../../support/collect.js'

function open(): { aws: FakeAws; executions: Executions } {
  const aws = new FakeAws()
  const { clients, workflowArn } = aws.options()
  return { aws, executions: new Executions(clients, workflowArn) }
}

test('a name is taken once', async () => {
  const { executions } = open()
  expect([await executions.start('r-1', '{"a":1}'), await executions.start('r-1', '{}')]).toEqual([true, false])
  expect(await executions.describe('r-1')).toMatchObject({ name: 'r-1', status: 'RUNNING', input: '{"a":1}' })
  expect(await executions.describe('r-2')).toBeUndefined()
})

test('pages are newest first by their start', async () => {
  const { aws, executions } = open()
  for (const name of ['a', 'b', 'c']) aws.begin(name, [], name === 'b' ? 'RUNNING' : 'SUCCEEDED')
  aws.executions.splice(0, 2, ...aws.executions.slice(0, 2).reverse())
  const names = async (status?: 'RUNNING') =>
    (await collect(executions.pages(status))).map((page) => page.map(({ name }) => name))
  expect(await names()).toEqual([['c', 'b'], ['a']])
  expect(await names('RUNNING')).toEqual([['b']])
})

test('without a workflow there is something to do', async () => {
  const { aws, executions } = open()
  aws.failures['ListExecutions'] = [named('StateMachineDoesNotExist')]
  await expect(collect(executions.pages())).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringMatching(/^there is no workflow arn:aws:states:.*:W$/),
    suggestions: ['rental-etl bootstrap'],
  })
  aws.failures['DescribeExecution'] = [named('X')]
  await expect(executions.describe('r-1')).rejects.toThrow('X')
  aws.failures['StartExecution'] = [named('Y')]
  await expect(executions.start('r-1', '')).rejects.toThrow('Y')
})
