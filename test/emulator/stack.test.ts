import { setTimeout as sleep } from 'node:timers/promises'
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { GetJobCommand, GlueClient } from '@aws-sdk/client-glue'
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn'
import { beforeAll, expect, test } from 'vitest'
import { settings, sharedBox } from './support.js'

// A stack of the kinds of resources that the plug-ins touch: created, changed, rolled back, deleted.
const shared = sharedBox()
let cloud: CloudFormationClient
let glue: GlueClient
beforeAll(() => {
  cloud = new CloudFormationClient(settings(shared.box))
  glue = new GlueClient(settings(shared.box))
})

const template = (more: object = {}): string =>
  JSON.stringify({
    Parameters: { Minutes: { Type: 'Number', Default: 60 } },
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      Job: {
        Type: 'AWS::Glue::Job',
        Properties: {
          Name: 'load',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Command: { Name: 'glueetl', ScriptLocation: 's3://code/load.py' },
          GlueVersion: '5.0',
          WorkerType: 'G.1X',
          NumberOfWorkers: '2',
          Timeout: { Ref: 'Minutes' },
          ExecutionProperty: { MaxConcurrentRuns: 2 },
          DefaultArguments: { '--a': 'b' },
        },
      },
      Workflow: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: 'flow',
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          DefinitionString:
            '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "${Job}"}, "End": true}}}',
          DefinitionSubstitutions: { Job: { Ref: 'Job' } },
        },
      },
      ...more,
    },
    Outputs: { Flow: { Value: { Ref: 'Workflow' } } },
  })

async function settled(): Promise<string> {
  for (;;) {
    const { Stacks } = await cloud.send(new DescribeStacksCommand({ StackName: 'stack' }))
    const status = Stacks?.[0]?.StackStatus as string
    if (!status.endsWith('IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return status
    await sleep(50)
  }
}

const job = async (): Promise<object | undefined> => (await glue.send(new GetJobCommand({ JobName: 'load' }))).Job

test('a stack is made by a change set, changed, rolled back, and deleted', async () => {
  const set = { StackName: 'stack', ChangeSetName: 'first' }
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const]
  await cloud.send(
    new CreateChangeSetCommand({ ...set, ChangeSetType: 'CREATE', TemplateBody: template(), Capabilities }),
  )
  for (;;) {
    const { Status, Changes } = await cloud.send(new DescribeChangeSetCommand(set))
    if (Status === 'CREATE_COMPLETE') {
      expect(Changes?.map(({ ResourceChange }) => ResourceChange?.Action)).toEqual(['Add', 'Add', 'Add'])
      break
    }
    await sleep(50)
  }
  await cloud.send(new ExecuteChangeSetCommand(set))
  while ((await settled()) === 'REVIEW_IN_PROGRESS') await sleep(50)
  expect(await settled()).toBe('CREATE_COMPLETE')
  const made = {
    Timeout: 60,
    NumberOfWorkers: 2,
    GlueVersion: '5.0',
    ExecutionProperty: { MaxConcurrentRuns: 2 },
    DefaultArguments: { '--a': 'b' },
  }
  expect(await job()).toMatchObject(made)
  const { Stacks } = await cloud.send(new DescribeStacksCommand({ StackName: 'stack' }))
  const stateMachineArn = Stacks?.[0]?.Outputs?.[0]?.OutputValue as string
  const { definition } = await new SFNClient(settings(shared.box)).send(
    new DescribeStateMachineCommand({ stateMachineArn }),
  )
  expect(definition).toContain('"JobName": "load"')

  const update = (TemplateBody: string, minutes: string): Promise<unknown> => {
    const Parameters = [{ ParameterKey: 'Minutes', ParameterValue: minutes }]
    return cloud.send(new UpdateStackCommand({ StackName: 'stack', TemplateBody, Parameters, Capabilities }))
  }
  await update(template(), '45')
  expect(await settled()).toBe('UPDATE_COMPLETE')
  expect(await job()).toMatchObject({ ...made, Timeout: 45 })
  const broken = {
    Second: {
      Type: 'AWS::Glue::Job',
      DependsOn: 'Job',
      Properties: { Name: 'load', Role: 'r', Command: { Name: 'glueetl' } },
    },
  }
  await update(template(broken), '30')
  expect(await settled()).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await job()).toMatchObject({ ...made, Timeout: 45 })

  await cloud.send(new DeleteStackCommand({ StackName: 'stack' }))
  await expect
    .poll(() => job().catch((error: Error) => error.name), { timeout: 10_000 })
    .toBe('EntityNotFoundException')
})
