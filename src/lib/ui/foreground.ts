import { readFileSync } from 'node:fs'

/**
 * Whether the terminal is this process's own just now: who draws on it, reads from it or changes it from the background
 * (`&`, `bg`) disturbs the shell, or is stopped. Where that cannot be seen, it is taken for granted.
 */
export function inForeground(stat = procStat): boolean {
  try {
    // pid (name) state ppid pgrp session tty_nr tpgid …; a name may hold blanks and brackets.
    const fields = stat()
      .replace(/^.*\) /s, '')
      .split(' ')
    const [group, foreground] = [fields[2], fields[5]]
    // Without a terminal of its own nothing is kept from it.
    return group === undefined || foreground === undefined || foreground === '-1' || group === foreground
  } catch {
    return true
  }
}

function procStat(): string {
  return readFileSync('/proc/self/stat', 'latin1')
}
