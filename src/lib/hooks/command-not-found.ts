import type { Hook } from '@oclif/core/hooks'
import { EtlError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'

/** What oclif calls for words that are no command. @throws EtlError UNKNOWN_COMMAND with the nearest command */
const commandNotFound: Hook<'command_not_found'> = async ({ config, id, argv }) => {
  const words = id.split(':')
  const typed = words.join(' ')
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const candidates = [typed, [...words, ...(argv ?? [])].slice(0, 2).join(' '), words[0] ?? '']
  const near = candidates.flatMap((candidate) => nearest(candidate, known))[0]
  const option = typed.startsWith('-')
  const message = option ? `there is no command in "${typed}"` : `there is no command ${typed}`
  throw new EtlError(`${message}${near && !option ? `; the nearest is ${near}` : ''}`, {
    code: 'UNKNOWN_COMMAND',
    exit: 'usage',
    suggestions: [...(near && !option ? [`rental-etl ${near} --help`] : []), 'rental-etl --help'],
  })
}

export default commandNotFound
