import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary.js'
import { runPython } from './python.js'
import { thisRelease } from './release-file.js'

/** How the Data API answers statements or calls; the first rule that fits and is not used up. */
export interface Rule {
  match?: string
  call?: string
  rows?: Record<string, unknown>[]
  fail?: string
  refuse?: string
  times?: number
  /** The key of an object that stays on S3. */
  leaves?: string
}

export interface Asked {
  batches: { Sqls: string[]; ClientToken: string; StatementName: string; done: boolean; [key: string]: unknown }[]
  objects: Record<string, string>
  slept: number[]
}

export interface Told extends Asked {
  code: number
  events: { event: string; [key: string]: unknown }[]
  stderr: string
}

export const RELEASE = 'scripts/abc/release.json'
const document = JSON.stringify(await thisRelease())

/** Runs `run_script.py` against clients that answer by rules. */
export async function runScript(given: {
  request?: Record<string, unknown>
  args?: readonly string[]
  objects?: Record<string, string>
  rules?: readonly Rule[]
}): Promise<Told> {
  const request = { run_id: 'r-1', as_of: '2024-05-31', ...given.request }
  const scenario = {
    arguments: [
      ...['--request', JSON.stringify(request), '--bucket', 'b', '--release', RELEASE, '--database', 'dev'],
      ...['--workgroup', 'wg', '--copy_role', 'arn:aws:iam::123456789012:role/copy', ...(given.args ?? [])],
    ],
    objects: { [RELEASE]: document, ...given.objects },
    rules: given.rules ?? [],
  }
  const file = join(await temporaryFolder(), 'scenario.json')
  await writeFile(file, JSON.stringify(scenario))
  const { code, stdout, stderr } = await runPython('run_script_case.py', [file])
  const lines = stdout.trimEnd().split('\n')
  const asked = lines.pop() ?? ''
  if (!asked.startsWith('ASKED ')) throw new Error(`${stdout}\n${stderr}`)
  return { ...(JSON.parse(asked.slice(6)) as Asked), code, events: lines.map((line) => JSON.parse(line)), stderr }
}
