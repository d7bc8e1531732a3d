import { Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import { mendOf } from '../lib/core/words/mend.js'
import type { Probe } from '../lib/ports/doctor.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { labeled } from '../lib/shell/output.js'
import { glyph } from '../lib/ui/paint.js'

export default class Doctor extends BaseCommand<typeof Doctor> {
  static override summary = 'Look at everything that a run needs, and say how to mend it.'
  static override description =
    `Configuration and quality.yml; of a target on this machine engine, workflow, limits, home, disks, lock, every byte of the source's files, and the warehouse; of one on AWS credentials, stack, schedule, bucket, workflow, and the warehouse; and what came of the last run. Changes nothing.

Exit status: 0 looked at (whatever was found), 1 with --fail-on error and a failure.`
  static override examples = [
    { description: 'What is wrong here?', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'A source, for a script',
      command: '<%= config.bin %> <%= command.id %> --source csv:DIR --fail-on error --json',
    },
  ]
  static override flags = {
    'fail-on': Flags.option({ options: ['error'] as const, summary: 'Exit 1 when something failed.' })(),
  }

  async run(): Promise<{ checks: Probe[] }> {
    const checks: Probe[] = []
    const show = (found: Probe): void => {
      const check = { ...found, mend: found.mend === null ? null : this.paste(found.mend) }
      checks.push(check)
      this.out(`${glyph(check.status)} ${check.name.padEnd(28)} ${check.message}`)
      if (check.mend !== null && check.status !== 'ok') this.out(`    ${labeled('try', check.mend)}`)
    }
    this.progress('looking at the configuration')
    for await (const check of this.#probes()) {
      show(check)
      this.progress(`${checks.length} looked at, looking on`)
    }
    const failed = checks.filter(({ status }) => status === 'fail').length
    const warned = checks.filter(({ status }) => status === 'warn').length
    this.out(
      failed + warned === 0
        ? 'all is well'
        : `${failed} of ${checks.length} checks failed${warned > 0 ? `, ${warned} warned` : ''}`,
    )
    if (failed > 0 && this.flags['fail-on'] === 'error') this.exitWith('failed')
    return { checks }
  }

  async *#probes(): AsyncGenerator<Probe, void> {
    const runtime = await this.runtime().catch((error) => error as unknown)
    if (runtime instanceof EtlError) {
      yield { name: 'configuration', status: 'fail', message: runtime.message, mend: mendOf(runtime) }
      yield { name: 'all else', status: 'skip', message: 'not looked at: it depends on the configuration', mend: null }
      return
    }
    if (runtime instanceof Error) throw runtime
    const known = runtime as Awaited<ReturnType<typeof this.runtime>>
    const { configPath, target, home, source, settings } = known
    const memory = settings.memory === undefined ? '' : `, memory ${settings.memory}`
    const where = configPath ?? 'no rental-etl.yml, so the defaults'
    yield {
      name: 'configuration',
      status: 'ok',
      message: `${where}: target ${target}, source ${source}, home ${home}${memory}`,
      mend: null,
    }
    yield await known.quality().then(
      (quality): Probe => {
        const rules = Object.keys(quality.rules ?? {}).length + (quality.add?.length ?? 0)
        return {
          name: 'quality.yml',
          status: 'ok',
          message:
            rules === 0 ? 'no changes to the rules' : `${rules} ${rules === 1 ? 'rule' : 'rules'} changed or added`,
          mend: null,
        }
      },
      (error): Probe => {
        if (!(error instanceof EtlError)) throw error
        return { name: 'quality.yml', status: 'fail', message: error.message, mend: mendOf(error) }
      },
    )
    yield* (await known.doctor()).probes(this.signal)
  }
}
