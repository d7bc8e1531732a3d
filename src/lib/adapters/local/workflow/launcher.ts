import { spawn } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launcher, LaunchFailure } from '../../../ports/launcher.js'
import { makeFolder } from '../../files/make-folder.js'
import { exists, writeError } from '../home/files.js'
import { runFiles } from '../home/run-files.js'

/** Starts this very command line as a process of its own; what it prints goes to `runs/<id>/detached.log`. */
export class LocalLauncher implements Launcher {
  constructor(
    readonly home: string,
    /** The script that node runs: `process.argv[1]`. */
    readonly script: string,
  ) {}

  async launch(runId: string, argv: readonly string[]): Promise<{ pid: number; ended: Promise<LaunchFailure> }> {
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
      const ended = new Promise<LaunchFailure>((resolve) => {
        child.once('error', (error) => resolve({ code: 70, output: error.message }))
        child.once('exit', async (code) => {
          const output = await readFile(path, 'utf8').catch(() => '')
          // A run that did not begin leaves nothing behind.
          if (!(await exists(request))) await rm(folder, { recursive: true, force: true })
          resolve({ code: code ?? 70, output })
        })
      })
      child.unref()
      return { pid: child.pid ?? 0, ended }
    } finally {
      await log.close()
    }
  }
}
