import { EtlError } from '../../lib/core/errors.js'
import { createSmoke } from '../../lib/runtime.js'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { glyph } from '../../lib/ui/paint.js'
import { type SmokeStep, smoke } from '../../lib/use-cases/smoke.js'

export default class CiSmoke extends BaseCommand<typeof CiSmoke> {
  static override summary = 'Try the whole pipeline on a small sample, without credentials.'
  static override description =
    `Under a minute, in a folder of its own that is thrown away: configuration, workflow and SQL, then sample → run → verify → metrics, and a second run that must move nothing.

Exit status: 0 all passed, 1 a step failed, 65 the configuration is invalid.`
  static override examples = [
    { description: 'Before a merge', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'For a build', command: '<%= config.bin %> <%= command.id %> --json' },
  ]

  async run(): Promise<{ steps: SmokeStep[] }> {
    const steps: SmokeStep[] = []
    for await (const step of this.#steps()) {
      steps.push(step)
      this.out(
        `${glyph(step.status)} ${step.step.padEnd(14)} ${step.message} (${(step.duration_ms / 1000).toFixed(1)} s)`,
      )
    }
    const failed = steps.some(({ status }) => status === 'fail')
    if (failed) {
      this.exitWith('failed')
      this.next('rental-etl doctor')
    }
    return { steps }
  }

  async *#steps(): AsyncGenerator<SmokeStep, void> {
    const runtime = await this.runtime()
    const begin = runtime.clock.now().getTime()
    const lasted = (): number => runtime.clock.now().getTime() - begin
    const configuration = await runtime.quality().then(
      (): SmokeStep => ({
        step: 'configuration',
        status: 'pass',
        message: runtime.configPath ?? 'the defaults',
        duration_ms: lasted(),
      }),
      (error): SmokeStep => {
        if (!(error instanceof EtlError)) throw error
        return { step: 'configuration', status: 'fail', message: error.message, duration_ms: lasted() }
      },
    )
    const { ports, remove } = await createSmoke()
    try {
      yield* smoke(ports, [configuration], this.signal)
    } finally {
      await remove()
    }
  }
}
