import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { METRICS } from '../../src/lib/core/metrics/metrics.js'
import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES } from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'
import type { Box, Options } from '../emulator/box.js'
import { settings, sharedBox, Warehouse } from '../emulator/support.js'
import { type Captured, captureCommand } from '../support/capture-command.js'
import { allCommands } from '../support/commands.js'
import { loadSchemas } from '../support/json-schema.js'
import { fillSmall } from '../support/mysql-commands.js'
import { createDatabase, DATABASE, READER } from '../support/mysql-tables.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'

const schemas = await loadSchemas()

/** What both targets hold of a source, by relation: its columns but for those that name a run or a load. */
const COMPARED: readonly [string, readonly string[]][] = [
  ...SOURCE_TABLES.map(({ raw, columns }): [string, string[]] => [
    `raw_data.${raw}`,
    [...columns.map(({ name }) => name), '_superseded', '_nullified'],
  ]),
  ['raw_data.quarantine', ['table_name', 'rule', 'key_text', 'row_text', 'occurrence']],
  ...[...CURATED_TABLES, DIM_DATES].map(({ name, columns }): [string, string[]] => [
    `curated.${name}`,
    columns.map((column) => column.name),
  ]),
  ...METRICS.map(({ view, columns }): [string, string[]] => [`presentation.${view}`, Object.keys(columns)]),
]

export interface Envelope {
  status: string
  // biome-ignore lint/suspicious/noExplicitAny: the result of any command, held against its schema
  result: any
  error?: { code: string; message: string; suggestions: string[] }
  next: string[]
  warnings: string[]
}

/** A working directory with two targets that read one database: `prod` on AWS, and `local`. */
export class Operator {
  private constructor(
    private readonly box: Box,
    readonly folder: string,
  ) {}

  /** @param more lines of the aws target */
  static async of(box: Box, folder: string, more: readonly string[] = []): Promise<Operator> {
    await mkdir(folder, { recursive: true })
    const client = new SecretsManagerClient(settings(box))
    const { user, password } = READER
    const secret = await client.send(
      new CreateSecretCommand({
        Name: `source-${folder.split('/').at(-1)}`,
        SecretString: JSON.stringify({ username: user, password }),
      }),
    )
    const source = `mysql://${user}@127.0.0.1:${box.mariadb.port}/${DATABASE}`
    await writeFile(
      join(folder, 'rental-etl.yml'),
      [
        'target: prod',
        'targets:',
        '  local:',
        `    source: ${source}`,
        '  prod:',
        '    kind: aws',
        `    source: ${source}`,
        `    source_secret: ${secret.ARN}`,
        '    bucket: lake',
        '    redshift: { workgroup: rental, database: dev, readers: analysts }',
        ...more,
        '',
      ].join('\n'),
    )
    return new Operator(box, folder)
  }

  /** The same folder, by another user of AWS. */
  as(keys: Record<string, string>): Operator {
    return new Operator({ ...this.box, env: { ...this.box.env, ...keys } }, this.folder)
  }

  /** A statement in the warehouse, by who owns it. */
  async grant(sql: string): Promise<void> {
    await new Warehouse(this.box).do([sql])
  }

  /** Runs a command in this process, as its user would in that folder. */
  async run(...words: string[]): Promise<Captured> {
    for (const [name, value] of Object.entries(this.box.env)) vi.stubEnv(name, value)
    vi.stubEnv('MYSQL_PWD', READER.password)
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(this.folder)
    const commands = await allCommands()
    const id = [words.slice(0, 2).join(' '), words[0] as string].find((name) => commands.has(name)) as string
    try {
      return await captureCommand(commands.get(id), id.replaceAll(' ', ':'), ...words.slice(id.split(' ').length))
    } finally {
      cwd.mockRestore()
      vi.unstubAllEnvs()
    }
  }

  /** The envelope of a command, held against its schema. */
  async json(code: number, ...words: string[]): Promise<Envelope> {
    const { stdout, stderr, code: exit } = await this.run(...words, '--json')
    expect([stderr, exit, stdout.slice(0, exit === code ? 0 : 3000)]).toEqual(['', code, ''])
    const envelope = JSON.parse(stdout)
    const name = String(envelope.schema).replace(/^rental-etl\/(.*)\/1$/, '$1')
    expect(schemas.mistakes(name, envelope)).toEqual([])
    return envelope
  }

  /** All that a target holds of a source, as sorted lines by relation. */
  async everything(target: 'prod' | 'local'): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {}
    for (const [relation, columns] of COMPARED) {
      const open = relation === 'raw_data.quarantine' ? ' where cleared_run_id is null' : ''
      const list = columns.map((name) => `"${name}"`).join(', ')
      const { result } = await this.json(0, 'query', `select ${list} from ${relation}${open}`, '--target', target)
      found[relation] = result.rows.map((row: object) => JSON.stringify(Object.values(row))).sort()
    }
    return found
  }

  /** Runs the local target on the same source, and expects that both hold the same, cell by cell. */
  async expectSame(asOf: string, ...flags: string[]): Promise<void> {
    await this.json(0, 'run', '--target', 'local', '--as-of', asOf, ...flags)
    const [local, aws] = [await this.everything('local'), await this.everything('prod')]
    for (const [relation] of COMPARED) expect({ [relation]: aws[relation] }).toEqual({ [relation]: local[relation] })
  }
}

/** A box with a source, and an operator of it, for all tests of a file; nothing is bootstrapped yet. */
export interface OnTheBox {
  readonly box: Box
  readonly operator: Operator
  /** A folder for what the tests write. */
  readonly folder: string
}

/** @param fill puts rows into the four typed tables; the folder is one to write in */
export function sharedOperator(
  options: Options,
  fill: (server: Mariadb, folder: string) => Promise<void> = fillSmall,
): OnTheBox {
  const shared = sharedBox(options)
  const made: { scratch?: Scratch; operator?: Operator } = {}
  beforeAll(async () => {
    const scratch = await scratchFolder()
    made.scratch = scratch
    await createDatabase(shared.box.mariadb)
    await fill(shared.box.mariadb, scratch.path)
    made.operator = await Operator.of(shared.box, join(scratch.path, 'work'))
  })
  afterAll(() => made.scratch?.[Symbol.asyncDispose]())
  return {
    get box() {
      return shared.box
    },
    get operator() {
      return made.operator as Operator
    },
    get folder() {
      return (made.scratch as Scratch).path
    },
  }
}
