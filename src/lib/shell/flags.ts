import { Args, Flags } from '@oclif/core'
import { EtlError } from '../core/errors.js'
import { asOfDate } from '../core/run/as-of.js'
import { parseDirt, parseScale } from '../core/sample/sample.js'
import { SCOPES, type Scope } from '../core/verify/verify.js'
import { nearest } from '../core/words/nearest.js'
import { FORMS } from '../ui/tabular/options.js'
import { durationMs } from '../use-cases/watch-run.js'

/** What a flag's own parser throws: the framework puts its words before the message, and loses ours. */
export class FlagFault extends Error {
  constructor(readonly told: EtlError) {
    super(told.message)
  }
}

/** A flag's parser made of a function of ours, with that function's words where a text does not fit. */
export function worded<Value>(parse: (text: string) => Value): (text: string) => Promise<Value> {
  return async (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof EtlError ? new FlagFault(error) : error
    }
  }
}

/** Flags of every command whose result is a table. */
export const tabularFlags = {
  output: Flags.option({
    char: 'o',
    options: FORMS,
    summary: 'Form of the result; json is the same as --json.',
  })(),
}

/** A flag of every command that shows a run as it goes. */
export const watchFlag = {
  watch: Flags.boolean({ summary: 'Show a live tree of layers and tables on a terminal.' }),
}

/** Flags of every command that may let a guard pass. */
export const guardFlags = {
  'allow-deletes': Flags.boolean({ summary: 'Let more rows be deleted than max_deleted, this once.' }),
  'allow-rejects': Flags.boolean({ summary: 'Let more rows be quarantined than max_quarantined, this once.' }),
}

/** A flag of every command that destroys something. */
export const yesFlag = (summary = 'Do not ask.') => ({ yes: Flags.boolean({ char: 'y', summary }) })

/** A flag of every command that changes bookmarks. */
export const reasonFlag = () => ({
  reason: Flags.string({ summary: 'Why; it is kept in the history.', helpValue: 'TEXT' }),
})

/** @param selectors what names a run here, beside its id */
export const runArgument = (selectors: string, byDefault: string) => ({
  run: Args.string({ description: `Run id${selectors}.`, default: byDefault }),
})

/** An as-of date: `YYYY-MM-DD`. */
export const dateFlag = Flags.custom<string>({ parse: worded(asOfDate) })

/** A day that is over or not: `YYYY-MM-DD`. */
export const dayFlag = Flags.custom<string>({ parse: worded(day), helpValue: 'DATE' })

/** Milliseconds of `90s`, `5m`, `1h30m`. */
export const durationFlag = Flags.custom<number>({ parse: worded(duration) })

export const scaleFlag = Flags.custom<number>({ parse: worded(parseScale) })
export const dirtFlag = Flags.custom<number>({ parse: worded(parseDirt) })

/** A scope of verify, or all of them. */
export const scopeFlag = Flags.custom<Scope | 'all'>({ parse: worded(scope) })

function duration(text: string): number {
  const ms = durationMs(text)
  if (ms !== undefined) return ms
  throw new EtlError(`--wait ${text} is no duration: it takes 90s, 5m, 1h30m, or seconds`, {
    code: 'USAGE',
    suggestions: ['rental-etl watch --wait 5m'],
  })
}

function day(text: string): string {
  const date = new Date(text)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text))
    return text
  throw new EtlError(`"${text}" is no day: it takes YYYY-MM-DD`, {
    code: 'USAGE',
    suggestions: ['rental-etl bookmarks rewind --to-date 2025-03-24 --simulate'],
  })
}

function scope(text: string): Scope | 'all' {
  const name = text.trim()
  const known = [...SCOPES, 'all'] as const
  const found = known.find((one) => one === name)
  if (found) return found
  const near = nearest(name, known)[0]
  throw new EtlError(`there is no scope ${name}; scopes are ${known.join(', ')}`, {
    code: 'USAGE',
    suggestions: [`rental-etl verify ${near === undefined ? '--help' : `--scope ${near}`}`],
  })
}
