import {
  type ColumnMetadata,
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data'

/** A part of a result, as large as the service makes it. */
export interface Page {
  columns: readonly ColumnMetadata[]
  records: readonly (readonly Field[])[]
  /** Of the next page, where there is one. */
  next: string | undefined
}

/** Integers of 16 digits and more, of which a number of JavaScript may not hold all. */
const LONG = /"longValue"\s*:\s*(-?\d{16,})/g

type Middleware = Parameters<GetStatementResultCommand['middlewareStack']['add']>[0]

/** Gives long integers as texts: the SDK would round them. */
const exact: Middleware = (next) => async (args) => {
  const answer = await next(args)
  const response = answer.response as { body?: unknown }
  if (response.body === undefined) return answer
  // In a text of the answer each quote stands behind a backslash: nothing but a field is found.
  const text = (await wholeText(response.body)).replaceAll(LONG, '"stringValue":"$1"')
  response.body = new TextEncoder().encode(text)
  return answer
}

/** Reads a page of a result. */
export async function readPage(
  client: RedshiftDataClient,
  id: string,
  token: string | undefined,
  abortSignal: AbortSignal,
): Promise<Page> {
  const command = new GetStatementResultCommand({ Id: id, ...(token === undefined ? {} : { NextToken: token }) })
  // Next to the wire, before the SDK reads the answer.
  command.middlewareStack.add(exact, { step: 'deserialize', priority: 'low', name: 'rental-etl-exact-integers' })
  const { ColumnMetadata = [], Records = [], NextToken } = await client.send(command, { abortSignal })
  return { columns: ColumnMetadata, records: Records, next: NextToken || undefined }
}

async function wholeText(body: unknown): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body as AsyncIterable<Uint8Array>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
