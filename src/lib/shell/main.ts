import { run } from '@oclif/core/run'
import { EtlError, EXIT } from '../core/errors.js'
import { globalsBehind, leadingGlobals } from '../core/words/command-line.js'
import { maskSecrets } from '../core/words/secrets.js'
import { envelope, toJson } from './envelope.js'
import { failureOf } from './failure.js'
import { asksForJson } from './json-words.js'
import { assertWritten, guardStream, isTaken, OutputClosed, sayFailure, sayRaw } from './output.js'

/** Runs the command line of this process. Failures outside of a command are told as those of a command are. */
export async function main(root: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) guardStream(stream)
  const end = (error: unknown): void => {
    if (!isTaken(error)) void fail(error).then(() => process.exit())
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
  try {
    const options = loadOptions(root)
    const argv = await ordered(process.argv.slice(2), options)
    if (asksForJson(argv)) await assertNoTopic(argv, options)
    await run(argv, options)
    if (!process.exitCode) await assertWritten(process.stdout)
  } catch (error) {
    await fail(error)
  }
}

type LoadOptions = ReturnType<typeof loadOptions>

/** Without plugins of the user's: the tool takes none, and the folder that they would lie in may be another user's. */
function loadOptions(root: string) {
  return { root, userPlugins: false, devPlugins: false }
}

/** Global flags in front of the command go behind it. @throws EtlError UNKNOWN_COMMAND where no command follows */
async function ordered(argv: readonly string[], options: LoadOptions): Promise<string[]> {
  const { globals, rest } = leadingGlobals(argv)
  if (globals.length === 0) return [...argv]
  // Help and version are asked for without a command, too.
  if (rest.every((word) => word.startsWith('-'))) {
    if (rest.length > 0) return [...rest, ...globals]
    throw new EtlError(`there is no command behind ${globals.map(maskSecrets).join(' ')}`, {
      code: 'UNKNOWN_COMMAND',
      suggestions: ['rental-etl --help'],
    })
  }
  const { Config } = await import('@oclif/core/config')
  const ids = (await Config.load(options)).commands.map(({ id }) => id.replaceAll(':', ' '))
  return globalsBehind(argv, ids)
}

/** A topic alone is answered with its help, and that is no JSON. @throws EtlError UNKNOWN_COMMAND */
async function assertNoTopic(argv: readonly string[], options: LoadOptions): Promise<void> {
  const flag = argv.findIndex((word) => word.startsWith('-'))
  const id = argv.slice(0, flag).join(':')
  const { Config } = await import('@oclif/core/config')
  const config = await Config.load(options)
  if (id === '' || config.findCommand(id) || !config.findTopic(id)) return
  const { topicAlone } = await import('./command-not-found.js')
  throw topicAlone(
    id,
    config.commands.map((command) => command.id),
  )
}

async function fail(error: unknown): Promise<void> {
  if (error instanceof OutputClosed) return
  const failure = await failureOf(error, { command: undefined, flags: ['help', 'version', 'json'] }, undefined)
  process.exitCode = EXIT[failure.exit]
  if (asksForJson(process.argv.slice(2)))
    sayRaw(process.stdout, toJson(envelope({ command: undefined, ...failure }), 2))
  else sayFailure(failure.error)
}
