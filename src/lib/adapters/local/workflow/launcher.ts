import { spawn } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorReport, EtlError } from '../../../core/errors.js'
import { systemError } from '../../../core/system-error.js'
import type { Launcher } from '../../../ports/launcher.js'
import { makeFolder } from '../../files/make-folder.js'
import { claimHome } from '../home/claim.js'
import { exists, writeError } from '../home/files.js'
import { runFiles } from '../home/run-files.js'

const LOOK_MS = 50

interface Ended {
  code: number
  output: string
  /** Why there was no process at all. */
  error?: Error
}

/** Starts this very command line as a process of its own; what it prints goes to `runs/<id>/detached.log`. */
export class LocalLauncher implements Launcher {
  constructor(
    readonly home: string,
    /** The script that node runs: `process.argv[1]`. */
    readonly script: string,
  ) {}

  async launch(runId: string, argv: readonly string[], signal: AbortSignal): Promise<void> {
    await claimHome(this.home)
    const { request } = runFiles(this.home, runId)
    let ended: Ended | undefined
    await this.#spawn(runId, argv, (end) => {
      ended = end
    })
    while (true) {
      // Asked before the look, so that a run that began and ended in between is found.
      const over = ended
      if (await exists(request)) return
      if (over) throw launchError(runId, over)
      await sleep(LOOK_MS, undefined, { signal })
    }
  }

  /** @param onEnd called if the process ends while somebody waits for it */
  async #spawn(runId: string, argv: readonly string[], onEnd: (end: Ended) => void): Promise<void> {
    const { folder, request } = runFiles(this.home, runId)
    const path = join(folder, 'detached.log')
    const log = await makeFolder(folder)
      .then(() => open(path, 'w'))
      .catch((error) => {
        throw writeError(error, path)
      })
    try {
      const child = spawn(process.execPath, [...process.execArgv, this.script, ...argv], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      })
      child.once('error', (error) => onEnd({ code: 70, output: error.message, error }))
      child.once('exit', async (code) => {
        const output = await readFile(path, 'utf8').catch(() => '')
        // A run that did not begin leaves nothing behind.
        if (!(await exists(request))) await rm(folder, { recursive: true, force: true })
        onEnd({ code: code ?? 70, output })
      })
      child.unref()
    } finally {
      await log.close()
    }
  }
}

/** How a run ends that could not begin: the error in the JSON that its process printed. */
function launchError(runId: string, { code, output, error }: Ended): unknown {
  if (error) return systemError(error)
  const told = parse(output)
  return new EtlError(
    told?.message ?? `run ${runId} could not begin: its process ended with exit code ${code}: ${output.trim()}`,
    { code: told?.code ?? 'BUG', suggestions: told?.suggestions ?? ['rental-etl doctor'] },
  )
}

function parse(output: string): ErrorReport | undefined {
  try {
    return (JSON.parse(output) as { error?: ErrorReport }).error
  } catch {
    return undefined
  }
}
