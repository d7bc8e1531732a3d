import type { GivenFlags } from './core/config/settings.js'
import type { Shell } from './core/words/completion.js'
import { readInputs } from './runtime-settings.js'

/** The script that a shell sources; it asks the tool itself for the words, so that run ids are those of now. */
export async function completionScript(shell: Shell): Promise<string> {
  const { readTemplate } = await import('./adapters/files/text-file.js')
  return readTemplate(`completion/${shell}`)
}

/** Names of the targets that can be chosen. @throws EtlError CONFIG_INVALID */
export async function targetNames(flags: GivenFlags): Promise<string[]> {
  const { file } = await readInputs({ ...flags, target: undefined })
  return [...new Set(['local', ...Object.keys(file?.targets ?? {})])]
}
