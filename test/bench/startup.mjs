import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from './process.mjs'
import { ROOT, tool } from './tool.mjs'

/** Measures the start of an empty oclif command, of `--version` and of `--help`, in turn. */
export async function startUps(folder, times) {
  const empty = emptyCommand(join(folder, 'empty-command'))
  const samples = { 'empty oclif command': [], '--version': [], '--help': [] }
  for (let time = 0; time < times; time++) {
    samples['empty oclif command'].push(await measure([empty, 'nothing']))
    samples['--version'].push(await tool(['--version'], { cwd: folder }))
    samples['--help'].push(await tool(['--help'], { cwd: folder }))
  }
  return samples
}

/** A command line as oclif's own template makes it, with one command that does nothing. @returns its start file */
function emptyCommand(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'commands'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const write = (file, text) => writeFileSync(join(folder, file), text)
  const oclif = { bin: 'empty', commands: './commands', topicSeparator: ' ' }
  write('package.json', JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module', oclif }))
  write('bin/run.js', `import { execute } from '@oclif/core'\nawait execute({ dir: import.meta.url })\n`)
  write(
    'commands/nothing.js',
    `import { Command } from '@oclif/core'\nexport default class Nothing extends Command {\n  async run() {}\n}\n`,
  )
  return join(folder, 'bin', 'run.js')
}
