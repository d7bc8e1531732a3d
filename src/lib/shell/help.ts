import { Help } from '@oclif/core/help'
import { EtlError } from '../core/errors.js'
import { grouped } from '../core/words/command-groups.js'
import { placeFlags } from '../core/words/command-line.js'
import { pasteable } from '../core/words/paste.js'
import { maskSecrets } from '../core/words/secrets.js'
import type { Glance } from '../runtime-glance.js'
import { ageText } from '../ui/format.js'
import { say } from './output.js'

const NAMES_WIDTH = 23

/** The help of a command is the framework's; the first screen is ours. */
export default class FirstScreen extends Help {
  override async showRootHelp(): Promise<void> {
    const place = placeFlags(process.argv.slice(2))
    const { version, pjson, bin } = this.config
    const paste = (command: string): string => pasteable(command, place)
    const summary = String(pjson.description ?? '')
    const start: [string, string][] = [
      [paste('rental-etl run --watch'), 'load the source; without a configuration a made-up one'],
      [paste('rental-etl metrics occupancy --month'), 'read one of the seven metrics'],
    ]
    const print = (text: string): void => say(process.stdout, text, { whole: true })
    print(`${this.wrap(`${bin} ${version}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`, 0)}\n`)
    for (const [command, what] of start) print(`  ${command}   # ${what}`)
    print('')
    print(`${await homeLine(place, new Date())}\n`)
    const commands = new Map(this.sortedCommands.map((command) => [command.id.replaceAll(':', ' '), command]))
    for (const { title, commands: ids } of grouped([...commands.keys()])) {
      const lines = ids.map((id): [string, string] => {
        const keys = [...commands.keys()].filter((other) => other.startsWith(`${id} `))
        const under = keys.map((other) => other.slice(id.length + 1))
        const names = [id, ...under].join(' · ')
        const text = summaryOf(commands.get(id))
        // Too many to stand beside each other are told behind what the first one does.
        return `  ${names} `.length <= NAMES_WIDTH ? [names, text] : [id, `${text} Also: ${under.join(', ')}.`]
      })
      print(`${title}\n${lines.map((line) => this.#row(...line)).join('\n')}\n`)
    }
    print(`${bin} COMMAND --help says what a command does, and how it exits.`)
  }

  /** One column for all groups; what does not fit beside it goes on below. */
  #row(name: string, text: string): string {
    const indent = ' '.repeat(NAMES_WIDTH)
    return `${`  ${name}`.padEnd(NAMES_WIDTH)}${this.wrap(text, NAMES_WIDTH).replaceAll('\n', `\n${indent}`)}`
  }
}

function summaryOf(command: { summary?: string | undefined; description?: string | undefined } | undefined): string {
  return command?.summary ?? command?.description?.split('\n')[0] ?? ''
}

/** The state of this home in a line. What cannot be looked at is said, and never hinders the help. */
async function homeLine(place: ReturnType<typeof placeFlags>, now: Date): Promise<string> {
  try {
    const { glance } = await import('../runtime-glance.js')
    return stateText(await glance(place), now, (command) => pasteable(command, place))
  } catch (error) {
    const why = error instanceof EtlError ? error.message : (error as Error).message
    return `this home: not known: ${maskSecrets(why)}`
  }
}

/** @param paste makes a command one for this home */
export function stateText({ home, newest }: Glance, now: Date, paste: (command: string) => string): string {
  const where = `(${home})`
  if (newest === undefined) return `this home: no run yet ${where}`
  const { run_id, status, at, as_of } = newest
  const when = ageText(at, now)
  const told = {
    succeeded: `succeeded ${when}, as of ${as_of}`,
    failed: `failed ${when}: ${paste(`rental-etl runs show ${run_id}`)}`,
    canceled: `was canceled ${when}: ${paste(`rental-etl resume ${run_id}`)}`,
    running: `is going on, begun ${when}: ${paste(`rental-etl watch ${run_id}`)}`,
    'broken off': `was broken off, begun ${when}: ${paste(`rental-etl resume ${run_id}`)}`,
  }[status]
  return `this home: run ${run_id} ${told} ${where}`
}
