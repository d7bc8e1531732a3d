import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import type { RedshiftPlace } from '../../src/lib/adapters/aws/redshift/errors.js'

/** What comes of a statement; without an error its rows, in pages. */
export interface FakeResult {
  /** Name and type of each, as the service has them; of a numeric with its digits. */
  columns?: [name: string, typeName: string, precision?: number, scale?: number][]
  pages?: object[][][]
  /** What Redshift says of a statement that fails. */
  error?: string
  /** It runs until it is cancelled. */
  endless?: boolean
}

interface Asked {
  action: string
  body: Record<string, unknown> & { Sql?: string; Sqls?: string[]; Id?: string; NextToken?: string }
}

interface Submitted {
  sqls: string[]
  results: FakeResult[]
  /** How often it is asked after before it has ended. */
  left: number
  canceled: boolean
}

/** The rows of one page, of one text column. */
export function texts(name: string, ...values: (string | null)[]): FakeResult {
  const field = (value: string | null): object => (value === null ? { isNull: true } : { stringValue: value })
  return { columns: [[name, 'varchar']], pages: [values.map((value) => [field(value)])] }
}

/** A Data API that answers over HTTP what it is told to, and remembers what it was asked. */
export class FakeDataApi {
  asked: Asked[] = []
  /** What comes of a statement. */
  answer: (sql: string) => FakeResult = () => texts('x')
  /** How often each submit is asked after before it has ended. */
  polls = 1
  /** What calls of an action are refused with next, in order: name and message, and `undefined` for none. */
  refusals: Record<string, ([name: string, message: string] | undefined)[]> = {}
  /** Waits before the answer to an action. */
  slow: Record<string, number> = {}
  readonly #submits = new Map<string, Submitted>()
  readonly #server: Server
  endpoint = ''

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = []
      request
        .on('data', (part) => parts.push(part))
        .on('end', () => {
          const action = String(request.headers['x-amz-target']).split('.')[1] as string
          const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Asked['body']
          this.asked.push({ action, body })
          const [status, text] = this.#answerTo(action, body)
          const send = (): void => {
            response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text)
          }
          setTimeout(send, this.slow[action] ?? 0)
        })
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()))
    this.endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  forget(): void {
    Object.assign(this, { asked: [], answer: () => texts('x'), polls: 1, refusals: {}, slow: {} })
    this.#submits.clear()
  }

  actions(): string[] {
    return this.asked.map(({ action }) => action)
  }

  /** The statements of each submit. */
  submits(): string[][] {
    return this.asked.flatMap(({ body: { Sql, Sqls } }) => (Sqls ? [Sqls] : Sql === undefined ? [] : [[Sql]]))
  }

  /** Ids of statements that still run. */
  running(): string[] {
    return [...this.#submits].filter(([, one]) => !one.canceled && this.#isEndless(one)).map(([id]) => id)
  }

  #answerTo(action: string, body: Asked['body']): [number, string] {
    const refused = this.refusals[action]?.shift()
    if (refused) return [400, JSON.stringify({ __type: refused[0], message: refused[1] })]
    if (action === 'ExecuteStatement' || action === 'BatchExecuteStatement')
      return [200, JSON.stringify(this.#submit(body.Sqls ?? [body.Sql as string]))]
    const [id = '', part] = (body.Id as string).split(':')
    const one = this.#submits.get(id) as Submitted
    if (action === 'CancelStatement') one.canceled = true
    if (action === 'DescribeStatement') return [200, JSON.stringify({ Id: body.Id, ...this.#describe(one) })]
    if (action === 'GetStatementResult') return [200, page(one.results[Number(part ?? 1) - 1], body.NextToken)]
    return [200, JSON.stringify({ Status: true })]
  }

  #submit(sqls: string[]): { Id: string } {
    const Id = `s${this.#submits.size + 1}`
    this.#submits.set(Id, { sqls, results: sqls.map((sql) => this.answer(sql)), left: this.polls, canceled: false })
    return { Id }
  }

  #isEndless(one: Submitted): boolean {
    return one.results.some(({ endless }) => endless)
  }

  #describe(one: Submitted): object {
    if (one.canceled) return { Status: 'ABORTED', Error: `Query cancelled on user's request` }
    if (--one.left > 0 || this.#isEndless(one)) return { Status: 'STARTED' }
    const at = one.results.findIndex(({ error }) => error !== undefined)
    if (at < 0) return { Status: 'FINISHED', HasResultSet: true }
    const said = { Error: `ERROR: ${one.results[at]?.error}` }
    if (one.sqls.length === 1) return { Status: 'FAILED', ...said }
    const status = (n: number): string => (n < at ? 'FINISHED' : n === at ? 'FAILED' : 'ABORTED')
    const subs = one.sqls.map((_, n) => ({ Id: `x:${n + 1}`, Status: status(n), ...(n === at ? said : {}) }))
    return { Status: 'FAILED', ...said, SubStatements: subs }
  }
}

function page(result: FakeResult = {}, token?: string): string {
  const { columns = [], pages = [[]] } = result
  const at = Number(token ?? 0)
  const ColumnMetadata = columns.map(([name, typeName, precision = 0, scale = 0]) => ({
    name,
    typeName,
    precision,
    scale,
  }))
  const more = at + 1 < pages.length ? { NextToken: `${at + 1}` } : {}
  // A long integer is given as a text behind `#`: no number of JavaScript holds it.
  return JSON.stringify({ ColumnMetadata, Records: pages[at], ...more }).replaceAll(/"#(-?\d+)"/g, '$1')
}

/** A Data API for the tests of a file, forgotten before each of them, and clients that call it. */
export function fakeDataApi(): { api: FakeDataApi; clients: () => AwsClients; place: RedshiftPlace } {
  const api = new FakeDataApi()
  let clients: AwsClients | undefined
  beforeAll(async () => {
    await api.start()
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIATEST'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'unused'
    clients = new AwsClients({ region: 'eu-west-1', endpoint: api.endpoint })
  })
  beforeEach(() => api.forget())
  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]()
    api.stop()
    delete process.env['AWS_ACCESS_KEY_ID']
    delete process.env['AWS_SECRET_ACCESS_KEY']
  })
  return { api, clients: () => clients as AwsClients, place: { workgroup: 'rental', database: 'dev' } }
}
