import { Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import { givenTo } from '../lib/core/run/next-commands.js'
import { DEFAULT_SCOPES, SCOPES, type Scope, type VerifyResult, withoutDurations } from '../lib/core/verify/verify.js'
import { pasteable } from '../lib/core/words/paste.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { scopeFlag } from '../lib/shell/flags.js'
import { junitXml } from '../lib/ui/junit.js'
import { verifyReport } from '../lib/ui/verify-report.js'
import { dueOf } from '../lib/use-cases/freshness.js'
import { assertFolder } from '../lib/use-cases/output-file.js'
import { newestRun } from '../lib/use-cases/select-run.js'
import { neverRan, nextAfterVerify, verify, verifyExit } from '../lib/use-cases/verify.js'

export default class Verify extends BaseCommand<typeof Verify> {
  static override summary = 'Prove that no row was lost, doubled or changed.'
  static override description =
    `Scopes: counts (the ledger of all four hops), ledger (every value of lake, raw and curated against each other), rules and views (quality rules; quality.yml can change them), freshness and checksum (these two look at the live source). Asked for nothing, it looks at counts, ledger, rules and views. What could not be checked, or quality.yml has switched off, is said, and makes the verdict warn. Stale is measured against the schedule of the target: a run is late once it was due and its grace (2h unless configured) is over; a newest run that failed is stale, too.

Exit status: 0 balanced (warnings allowed), 1 an error-severity check failed, 3 warnings with --fail-on warn, 4 stale, empty or never run with --fail-on stale, 64 no such scope, 65 a rule of quality.yml is invalid, 66 no warehouse yet, or no folder for --junit.`
  static override examples = [
    { description: 'Everything that needs no source', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'For a monitor: red when it is broken or stale',
      command: '<%= config.bin %> <%= command.id %> --scope freshness --fail-on stale --junit verify.xml',
    },
  ]
  static override flags = {
    scope: scopeFlag({
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
    const { junit } = this.flags
    if (junit !== undefined) await assertFolder(junit)
    const scopes = scopesOf(this.flags.scope ?? [], failOn === 'stale')
    const timed = await this.#verify(scopes).catch((error) => {
      if (failOn === 'stale' && error instanceof EtlError && error.code === 'NO_WAREHOUSE') return neverRan()
      throw error
    })
    if (junit !== undefined) await (await this.runtime()).writeText(junit, junitXml(timed, failOn))
    const result = withoutDurations(timed)
    this.out(verifyReport(result, { scopes }))
    const exit = verifyExit(result, failOn)
    if (exit !== 'ok') this.exitWith(exit)
    for (const command of nextAfterVerify(result)) this.next(await this.#asGiven(command))
    return result
  }

  async #verify(scopes: readonly Scope[]): Promise<VerifyResult> {
    const runtime = await this.runtime()
    const { settings, clock } = runtime
    const overrides = await runtime.quality()
    const runs = await (await runtime.runs()).list()
    await using warehouse = await runtime.warehouse(this.signal)
    const ports = {
      ...{ warehouse, runs, clock },
      audit: await runtime.audit(),
      source: await runtime.sourceCheck(),
      checks: await runtime.sql('checks'),
      ledger: await runtime.sql('ledger'),
      views: await runtime.sql('presentation'),
    }
    return await verify(ports, {
      ...{ scopes, overrides, due: dueOf(settings, runtime.defaultAsOf), signal: this.signal },
      onScope: (scope) => this.progress(`looking at ${scope} (${scopes.indexOf(scope) + 1} of ${scopes.length})`),
    })
  }

  /** A command that loads everything again does so from the source and as of the day that the newest run was given. */
  async #asGiven(command: string): Promise<string> {
    if (!command.includes('--full-refresh')) return command
    const last = await newestRun(await (await this.runtime()).runs())
    return pasteable(command, { ...(last ? givenTo(last.request, last.state.started_at) : {}), ...this.flags })
  }
}

function scopesOf(names: readonly (Scope | 'all')[], stale: boolean): Scope[] {
  const asked: readonly string[] = names.length === 0 ? DEFAULT_SCOPES : names
  return SCOPES.filter((scope) => asked.includes('all') || asked.includes(scope) || (stale && scope === 'freshness'))
}
