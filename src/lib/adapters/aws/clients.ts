import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { GlueClient } from '@aws-sdk/client-glue'
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data'
import type { S3Client } from '@aws-sdk/client-s3'
import type { SFNClient } from '@aws-sdk/client-sfn'
import type { SNSClient } from '@aws-sdk/client-sns'
import type { STSClient } from '@aws-sdk/client-sts'
import { type AwsPlace, awsError } from './errors.js'

/** What the SDK is given for every service. */
export interface ClientOptions {
  region?: string
  profile?: string
  endpoint?: string
  maxAttempts: number
  retryMode: 'standard'
  requestHandler: { httpAgent: HttpAgent; httpsAgent: HttpsAgent; connectionTimeout: number; requestTimeout: number }
  forcePathStyle?: boolean
}

/** Tries of a call; waits between them double, up to 20 s (SDK, retry mode "standard"). */
const ATTEMPTS = 5
const CONNECT_MS = 5_000
const ANSWER_MS = 60_000

/**
 * The clients of the services, each made when it is first asked for, and its package loaded then. Region, profile, SSO, proxy
 * (`HTTPS_PROXY`, `NO_PROXY`) and `AWS_*` variables mean what they mean to the AWS CLI; unlike the SDK it knows `AWS_DEFAULT_REGION`.
 */
export class AwsClients {
  readonly #options: ClientOptions
  readonly #made = new Map<string, Promise<{ destroy(): void }>>()

  constructor(
    readonly place: AwsPlace,
    env: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    this.#options = clientOptions(place, env)
  }

  cloudFormation(): Promise<CloudFormationClient> {
    return this.#client('CloudFormation', async (options) => {
      const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation')
      return new CloudFormationClient(options)
    })
  }

  events(): Promise<EventBridgeClient> {
    return this.#client('EventBridge', async (options) => {
      const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge')
      return new EventBridgeClient(options)
    })
  }

  glue(): Promise<GlueClient> {
    return this.#client('Glue', async (options) => {
      const { GlueClient } = await import('@aws-sdk/client-glue')
      return new GlueClient(options)
    })
  }

  logs(): Promise<CloudWatchLogsClient> {
    return this.#client('CloudWatch Logs', async (options) => {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs')
      return new CloudWatchLogsClient(options)
    })
  }

  redshift(): Promise<RedshiftDataClient> {
    return this.#client('Redshift Data', async (options) => {
      const { RedshiftDataClient } = await import('@aws-sdk/client-redshift-data')
      return new RedshiftDataClient(options)
    })
  }

  s3(): Promise<S3Client> {
    return this.#client('S3', async (options) => {
      const { S3Client } = await import('@aws-sdk/client-s3')
      // An endpoint of one's own has no name for each bucket.
      return new S3Client({ ...options, ...(this.#ownEndpoint() ? { forcePathStyle: true } : {}) })
    })
  }

  sns(): Promise<SNSClient> {
    return this.#client('SNS', async (options) => {
      const { SNSClient } = await import('@aws-sdk/client-sns')
      return new SNSClient(options)
    })
  }

  stepFunctions(): Promise<SFNClient> {
    return this.#client('Step Functions', async (options) => {
      const { SFNClient } = await import('@aws-sdk/client-sfn')
      return new SFNClient(options)
    })
  }

  sts(): Promise<STSClient> {
    return this.#client('STS', async (options) => {
      const { STSClient } = await import('@aws-sdk/client-sts')
      return new STSClient(options)
    })
  }

  /** The region that is called: given, of the environment, or of the profile. */
  async region(): Promise<string> {
    return (await this.cloudFormation()).config.region()
  }

  /** Ends the connections that were kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    const made = await Promise.allSettled(this.#made.values())
    for (const one of made) if (one.status === 'fulfilled') one.value.destroy()
  }

  #ownEndpoint(): boolean {
    return this.place.endpoint !== undefined || Boolean(process.env['AWS_ENDPOINT_URL'])
  }

  /** @throws EtlError in the place of whatever a call throws */
  #client<Client extends { destroy(): void; middlewareStack: MiddlewareStack }>(
    service: string,
    make: (options: ClientOptions) => Promise<Client>,
  ): Promise<Client> {
    const known = this.#made.get(service) ?? make(this.#options).then((client) => this.#translated(client, service))
    this.#made.set(service, known)
    return known as Promise<Client>
  }

  #translated<Client extends { middlewareStack: MiddlewareStack }>(client: Client, service: string): Client {
    client.middlewareStack.add(
      (next: Next, context: Record<string, unknown>) => async (args: unknown) => {
        try {
          return await next(args)
        } catch (error) {
          const action = String(context['commandName'] ?? '').replace(/Command$/, '')
          throw awsError(error, { service, action, place: this.place })
        }
      },
      // Outside of the retries, so that a failure is told once no other try is left.
      { step: 'initialize', priority: 'high', name: 'rental-etl-errors' },
    )
    return client
  }
}

type Next = (args: unknown) => Promise<unknown>

interface MiddlewareStack {
  // biome-ignore lint/suspicious/noExplicitAny: each service has types of its own, and what is added asks for none
  add(middleware: any, options: object): void
}

/** Exported for its test alone. */
export function clientOptions(
  { region, profile, endpoint }: AwsPlace,
  env: Readonly<Record<string, string | undefined>>,
): ClientOptions {
  const wanted = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  const proxyEnv = env as NodeJS.ProcessEnv
  return {
    ...(wanted ? { region: wanted } : {}),
    ...(profile ? { profile } : {}),
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      httpAgent: new HttpAgent({ keepAlive: true, proxyEnv }),
      httpsAgent: new HttpsAgent({ keepAlive: true, proxyEnv }),
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
    },
  }
}
