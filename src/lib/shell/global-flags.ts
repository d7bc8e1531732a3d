import { Flags, type Interfaces } from '@oclif/core'
import { assertNoPassword } from '../core/config/config.js'
import { type FlagName, flagName, SETTINGS, type Setting } from '../core/config/settings.js'
import { worded } from './flags.js'

/** The flags of every command, from the table of settings. */
export function globalFlags(): Record<FlagName, Interfaces.OptionFlag<string | undefined>> {
  const rows: readonly Setting[] = SETTINGS
  return Object.fromEntries(
    rows.flatMap(({ key, flag, env, default: value, summary }) => {
      if (!flag) return []
      const hints = [...(env ? [env] : []), ...(value === null ? [] : [String(value)])].join('; ')
      const parse = key === 'source' ? { parse: worded(withoutPassword) } : {}
      const options = { summary: `${summary.replace(/\.$/, '')} (${hints}).`, helpValue: flag.helpValue, ...parse }
      return [
        [
          flagName(key),
          Flags.string({ ...options, helpGroup: 'GLOBAL', ...(flag.char ? { char: flag.char as 't' } : {}) }),
        ],
      ]
    }),
  ) as Record<FlagName, Interfaces.OptionFlag<string | undefined>>
}

/** A value that holds a password is in the shell's history already; it goes no further. @throws EtlError USAGE */
function withoutPassword(text: string): string {
  assertNoPassword(text)
  return text
}
