import { Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import { givenTo } from '../lib/core/run/next-commands.js'
import { DEFAULT_SCOPES, SCOPES, type Scope, type VerifyResult } from '../lib/core/verify/verify.js'
import { nearest } from '../lib/core/words/nearest.js'
import { pasteable } from '../lib/core/words/paste.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { junitXml } from '../lib/ui/junit.js'
import { verifyReport } from '../lib/ui/verify-report.js'
import { newestRun } from '../lib/use-cases/select-run.js'
import { neverRan, verify, verifyExit } from '../lib/use-cases/verify.js'

export default class Verify extends BaseCommand<typeof Verify> {
  static override summary = 'Prove that no row was lost, doubled or changed.'
  static override description =
    `Scopes: counts (the ledger of all four hops), ledger (row hashes between lake, raw and curated), rules and views (quality rules; quality.yml can change them), freshness and checksum (these two look at the live source). Asked for nothing, it looks at counts, ledger, rules and views. What could not be checked is said, and makes the verdict warn.

Exit status: 0 balanced (warnings allowed), 1 an error-severity check failed, 3 warnings with --fail-on warn, 4 stale, empty or never run with --fail-on stale, 64 no such scope, 65 a rule of quality.yml is invalid, 66 no warehouse yet.`
  static override examples = [
    { description: 'Everything that needs no source', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'For a monitor: red when it is broken or stale',
      command: '<%= config.bin %> <%= command.id %> --scope freshness --fail-on stale --junit verify.xml',
    },
  ]
  static override flags = {
    scope: Flags.string({
      multiple: true,
      delimiter: ',',
      summary: `What to look at: ${[...SCOPES, 'all'].join(', ')}.`,
      helpValue: 'SCOPE',
    }),
    junit: Flags.string({ summary: 'Write the checks as JUnit XML, too.', helpValue: 'FILE' }),
    'fail-on': Flags.option({
      options: ['error', 'warn', 'stale'] as const,
      default: 'error',
      summary: 'What the exit code is about; stale looks at freshness, too.',
    })(),
  }

  async run(): Promise<VerifyResult> {
    const failOn = this.flags['fail-on']
    const scopes = scopesOf(this.flags.scope ?? [], failOn === 'stale')
    const result = await this.#verify(scopes).catch((error) => {
      if (failOn === 'stale' && error instanceof EtlError && error.code === 'NO_WAREHOUSE') return neverRan()
      throw error
    })
    if (this.flags.junit !== undefined) await this.#writeJunit(this.flags.junit, result)
    this.out(verifyReport(result, { width: this.look().width, scopes }))
    const exit = verifyExit(result, failOn)
    if (exit !== 'ok') this.exitWith(exit)
    if (result.checks.some(({ scope, status }) => scope === 'freshness' && status !== 'pass'))
      this.next('rental-etl run --watch')
    else if (result.verdict === 'fail') this.next(await this.#refresh())
    return result
  }

  async #verify(scopes: readonly Scope[]): Promise<VerifyResult> {
    const runtime = await this.runtime()
    const warehouse = await runtime.warehouse(this.signal)
    try {
      const ports = {
        warehouse,
        audit: await runtime.audit(),
        checks: await runtime.sql('checks'),
        ledger: await runtime.sql('ledger'),
      }
      return await verify(ports, {
        scopes,
        overrides: await runtime.quality(),
        expectedAsOf: runtime.defaultAsOf(),
        signal: this.signal,
      })
    } finally {
      warehouse.close()
    }
  }

  /** Loads everything again, from the source and as of the day that the newest run was given. */
  async #refresh(): Promise<string> {
    const last = await newestRun(await (await this.runtime()).runs())
    const given = last ? givenTo(last.request, last.state.started_at) : {}
    return pasteable('rental-etl run --full-refresh   # loads everything again from the source', {
      ...given,
      ...this.flags,
    })
  }

  async #writeJunit(file: string, result: VerifyResult): Promise<void> {
    await (await this.runtime()).writeText(file, junitXml(result))
  }
}

function scopesOf(words: readonly string[], stale: boolean): Scope[] {
  const names = words.flatMap((word) => word.split(',')).map((word) => word.trim())
  for (const name of names) {
    if (name === 'all' || SCOPES.some((scope) => scope === name)) continue
    const near = nearest(name, [...SCOPES, 'all'])[0]
    throw new EtlError(`there is no scope ${name}; scopes are ${SCOPES.join(', ')}, all`, {
      code: 'USAGE',
      suggestions: [`rental-etl verify --scope ${near ?? 'all'}`],
    })
  }
  const asked: readonly string[] = names.length === 0 ? DEFAULT_SCOPES : names
  return SCOPES.filter((scope) => asked.includes('all') || asked.includes(scope) || (stale && scope === 'freshness'))
}
