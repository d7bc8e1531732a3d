import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { StartOptions } from '../process.js'

/** Nobody on this machine: a user without rights to what others own. */
export const NOBODY = 54_321

/** Where a case is tried: a folder of its own, and in it a copy of a loaded home. */
export interface Place {
  folder: string
  home: string
  tmp: string
  /** The id of the run that was loaded, and of the one that was killed once its extract was whole. */
  loaded: string
  killed: string
}

/** What a case has done. */
export interface Damage {
  options?: StartOptions
  /** Takes the damage to the surroundings away; what was done to files stays. */
  undo?: () => void | Promise<void>
  /** What one puts aside by hand where a run alone does not mend it. */
  aside?: string
  /** What must still be so after the commands. @returns what is not */
  holds?: () => string[]
}

export interface Case {
  what: string
  /** Why it cannot be tried here. */
  cannot?: string
  /** What verify must not be green about, as long as it lasts. */
  mustBeRed?: boolean
  /** Where neither Node nor the engine can be kept from dying, as without memory; what it leaves counts all the same. */
  mayDie?: boolean
  damage: (place: Place) => Damage | Promise<Damage>
}

/** Moves the copy of the home onto what has just been mounted in its place. */
export async function refill(place: Place, base: string): Promise<void> {
  for (const name of readdirSync(base)) await cp(join(base, name), join(place.home, name), { recursive: true })
}

export function giveTo(uid: number, ...paths: string[]): void {
  execFileSync('chown', ['-R', '-h', `${uid}:${uid}`, ...paths])
}
