import { EtlError } from '../../core/errors.js'
import { systemError } from '../../core/system-error.js'
import { mendOf } from '../../core/words/mend.js'
import type { Probe } from '../../ports/doctor.js'

export type Outcome = Omit<Probe, 'name'>

export function ok(message: string): Outcome {
  return { status: 'ok', message, mend: null }
}

export async function probe(name: string, look: () => Promise<Outcome>): Promise<Probe> {
  const [found] = await probes(name, async () => [{ name, ...(await look()) }])
  return found as Probe
}

/** What hinders a look is what is wrong: it is told as the outcome, and the looking goes on. */
export async function probes(name: string, look: () => Promise<Probe[]>): Promise<Probe[]> {
  try {
    return await look()
  } catch (error) {
    const told = systemError(error)
    if (!(told instanceof EtlError)) throw error
    return [{ name, status: 'fail', message: told.message, mend: mendOf(told) }]
  }
}
