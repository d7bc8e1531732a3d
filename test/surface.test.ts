import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command, Interfaces } from '@oclif/core'
import { expect, test } from 'vitest'
import { ENVIRONMENT } from '../src/lib/core/config/config.js'
import { EXIT } from '../src/lib/core/errors.js'
import { BaseCommand, tabularFlags } from '../src/lib/shell/base-command.js'
import { allCommands } from './support/commands.js'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))

type Flag = Interfaces.FlagInput[string]

/** The part of the surface that scripts rely on; changed only on purpose, with `vitest -u`. */
test('the stable surface is what it was', async () => {
  const commands = await allCommands()
  const parts = [
    ['flags of every command', ...flagLines({ ...BaseCommand.baseFlags, json: undefined })],
    ...[...commands].map(([id, command]) => [
      `rental-etl ${[id, ...argWords(command)].join(' ')}`,
      ...flagLines(command.flags ?? {}),
    ]),
    ['exit codes', ...Object.entries(EXIT).map(([name, code]) => `  ${code} ${name}`)],
    ['environment variables', ...(await environment()).map((name) => `  ${name}`)],
    ['output formats', ...(tabularFlags.output.options ?? []).map((name) => `  ${name}`)],
  ]
  await expect(`${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`).toMatchFileSnapshot('surface.txt')
})

test('every command takes --json, and says what it is for, how it exits, and two examples', async () => {
  const lacking = [...(await allCommands())].flatMap(
    ([id, { summary, description, examples, enableJsonFlag, flags }]) => {
      const described = Object.values(flags ?? {}).every((flag) => flag.summary || flag.description)
      const wrong = {
        json: enableJsonFlag !== true,
        summary: !/^[A-Z].*\.$/.test(summary ?? ''),
        'exit status': !/(^|\n\n)Exit status: (that of the run: )?0 /.test(description ?? ''),
        'two examples': examples?.length !== 2,
        'described examples': !examples?.every(
          (one) => typeof one === 'object' && one.command.includes('<%= config.bin %>'),
        ),
        'described flags': !described,
      }
      return Object.entries(wrong).flatMap(([what, is]) => (is ? [`${id}: ${what}`] : []))
    },
  )
  expect(lacking).toEqual([])
})

test('exit codes that a command names are those of the table', async () => {
  const known = new Set<number>(Object.values(EXIT))
  const unknown = [...(await allCommands())].flatMap(([id, { description = '' }]) => {
    const status = description.slice(description.indexOf('Exit status:'))
    const named = [...status.matchAll(/(?:: |, |; )(\d+) /g)].map(([, code]) => Number(code))
    return named.length > 0 && named.every((code) => known.has(code)) ? [] : [`${id}: ${named.join(' ')}`]
  })
  expect(unknown).toEqual([])
})

function argWords({ args, strict }: typeof Command): string[] {
  const words = Object.entries(args ?? {}).map(([name, { required, default: given, options }]) => {
    const text = `${options ? (options as string[]).join('|') : name.toUpperCase()}${given === undefined ? '' : `=${given}`}`
    return required ? text : `[${text}]`
  })
  return strict === false ? [...words, '…'] : words
}

function flagLines(flags: Record<string, Flag | undefined>): string[] {
  return Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => `  --${[name, ...(flag ? properties(flag) : ['boolean'])].join(' ')}`)
}

function properties(flag: Flag): string[] {
  const { type, char, required, hidden, exclusive, dependsOn } = flag
  const option = type === 'option' ? flag : undefined
  return [
    option?.options ? option.options.join('|') : type === 'option' ? 'value' : 'boolean',
    ...(char ? [`-${char}`] : []),
    ...(flag.default === undefined ? [] : [`default=${JSON.stringify(flag.default)}`]),
    ...(required ? ['required'] : []),
    ...(option?.multiple ? [`multiple${option.delimiter ? ` by ${JSON.stringify(option.delimiter)}` : ''}`] : []),
    ...(exclusive ? [`exclusive=${exclusive.join(',')}`] : []),
    ...(dependsOn ? [`needs=${dependsOn.join(',')}`] : []),
    ...(hidden ? ['hidden'] : []),
  ]
}

/** The variables that the source reads: by their names in core/config.ts, and straight from process.env. */
async function environment(): Promise<string[]> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((path) => /\.tsx?$/.test(path))
  const texts = await Promise.all(files.map((path) => readFile(join(SOURCE, path), 'utf8')))
  const read = texts.flatMap((text) => [
    ...[...text.matchAll(/process\.env(?:\.|\[')(\w+)/g)].map(([, name]) => name as string),
    ...[...text.matchAll(/\{([^{}]*)\} = process\.env\b/g)].flatMap(([, names]) =>
      [...(names as string).matchAll(/([A-Z_]{2,})/g)].map(([, name]) => name as string),
    ),
  ])
  return [...new Set([...Object.values(ENVIRONMENT), ...read])].sort()
}
