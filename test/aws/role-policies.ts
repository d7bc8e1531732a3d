import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import type { Box } from '../emulator/box.js'
import { settings } from '../emulator/support.js'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: string | string[]
  Condition?: object
}

/** One action on one resource that a role may do. */
export interface Right {
  action: string
  resource: string
}

/** Who may do nothing may do something that there is not: a policy has a statement. */
const NOTHING: Statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:*:*:none' }

const listed = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one])

/** The policy that a role of the stack has, of which rights can be taken away. */
export class RolePolicy {
  readonly #iam: IAMClient
  readonly #role: string
  #name = ''
  #statements: Statement[] = []

  private constructor(box: Box, role: string) {
    this.#iam = new IAMClient(settings(box))
    this.#role = role
  }

  /** @param role its ARN or its name */
  static async of(box: Box, role: string): Promise<RolePolicy> {
    const policy = new RolePolicy(box, role.split('/').at(-1) as string)
    await policy.#read()
    return policy
  }

  /** Every right, one by one. */
  rights(): Right[] {
    return this.#statements.flatMap(({ Action, Resource }) =>
      listed(Action).flatMap((action) => listed(Resource).map((resource) => ({ action, resource }))),
    )
  }

  /** Does something while the role lacks a right. */
  async without<Result>(missing: Right, work: () => Promise<Result>): Promise<Result> {
    const left = this.#statements.flatMap((statement) =>
      listed(statement.Action).flatMap((Action) =>
        listed(statement.Resource)
          .filter((Resource) => !(Action === missing.action && Resource === missing.resource))
          .map((Resource) => ({ ...statement, Action, Resource })),
      ),
    )
    await this.#write(left)
    try {
      return await work()
    } finally {
      await this.#write(this.#statements)
    }
  }

  async #read(): Promise<void> {
    const { PolicyNames = [] } = await this.#iam.send(new ListRolePoliciesCommand({ RoleName: this.#role }))
    this.#name = PolicyNames[0] ?? ''
    const { PolicyDocument = '' } = await this.#iam.send(
      new GetRolePolicyCommand({ RoleName: this.#role, PolicyName: this.#name }),
    )
    this.#statements = JSON.parse(decodeURIComponent(PolicyDocument)).Statement
  }

  async #write(statements: Statement[]): Promise<void> {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [NOTHING, ...statements] })
    await this.#iam.send(new PutRolePolicyCommand({ RoleName: this.#role, PolicyName: this.#name, PolicyDocument }))
  }
}
