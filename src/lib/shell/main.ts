import { run } from '@oclif/core/run'
import { EXIT } from '../core/errors.js'
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
    const argv = process.argv.slice(2)
    if (asksForJson(argv)) await assertNoTopic(argv, root)
    await run(argv, root)
    if (!process.exitCode) await assertWritten(process.stdout)
  } catch (error) {
    await fail(error)
  }
}

/** A topic alone is answered with its help, and that is no JSON. @throws EtlError UNKNOWN_COMMAND */
async function assertNoTopic(argv: readonly string[], root: string): Promise<void> {
  const flag = argv.findIndex((word) => word.startsWith('-'))
  const id = argv.slice(0, flag).join(':')
  const { Config } = await import('@oclif/core/config')
  const config = await Config.load(root)
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
