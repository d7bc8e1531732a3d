import type { Hook } from '@oclif/core/hooks'
import { EtlError } from '../core/errors.js'
import { nearest } from '../core/words/nearest.js'
import { maskSecrets } from '../core/words/secrets.js'

/** What oclif calls for words that are no command. @throws EtlError UNKNOWN_COMMAND with the nearest command */
const commandNotFound: Hook<'command_not_found'> = async ({ config, id, argv }) => {
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id)
  throw unknownCommand(id, argv ?? [], known)
}

/**
 * @param id the words before the first flag, joined by colons as oclif does
 * @param known ids of the commands
 */
export function unknownCommand(id: string, argv: readonly string[], known: readonly string[]): EtlError {
  const typed = maskSecrets(id)
  if (typed.startsWith('-')) return unknown(`there is no command in "${typed}"`, [])
  const words = typed.split(':')
  const owner = known.filter((one) => typed.startsWith(`${one}:`)).sort((a, b) => b.length - a.length)[0]
  const names = known.map(spaced)
  const first = owner === undefined ? words.slice(0, 1) : []
  const candidates = [spaced(typed), [...words, ...argv].slice(0, 2).join(' '), ...first]
  const near = candidates.flatMap((candidate) => nearest(candidate, names))[0]
  if (owner !== undefined && (near === undefined || near === spaced(owner))) {
    const rest = typed.slice(owner.length + 1)
    return unknown(`${spaced(owner)} does not take "${rest.includes('://') ? rest : spaced(rest)}"`, [
      `rental-etl ${spaced(owner)} --help`,
    ])
  }
  const hint = near === undefined ? '' : `; the nearest is ${near}`
  return unknown(`there is no command ${spaced(typed)}${hint}`, near === undefined ? [] : [`rental-etl ${near} --help`])
}

/** What a topic says that is no command of its own. */
export function topicAlone(id: string, known: readonly string[]): EtlError {
  const own = known.filter((one) => one.startsWith(`${id}:`)).map(spaced)
  return unknown(
    `there is no command ${spaced(id)}; there ${own.length === 1 ? 'is' : 'are'} ${own.join(', ')}`,
    own.map((command) => `rental-etl ${command} --help`),
  )
}

function unknown(message: string, suggestions: string[]): EtlError {
  return new EtlError(message, {
    code: 'UNKNOWN_COMMAND',
    suggestions: [...suggestions, 'rental-etl --help'],
  })
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ')
}

export default commandNotFound
