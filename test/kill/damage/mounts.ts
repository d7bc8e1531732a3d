import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const mounted = new Set<string>()

// What is mounted must not outlive the harness, however it ends.
process.on('exit', () => {
  for (const folder of mounted) unmount(folder)
})
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

/** Why no file system can be mounted here; undefined where it can. */
export function cannotMount(folder: string): string | undefined {
  const probe = join(folder, 'mount-probe')
  mkdirSync(probe)
  try {
    mount(probe, 1024)
    unmount(probe)
    return undefined
  } catch {
    return 'no file system can be mounted here'
  } finally {
    rmdirSync(probe)
  }
}

/** A file system of its own in memory. @param kilobytes its size */
export function mount(folder: string, kilobytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' })
  mounted.add(folder)
}

export function remount(folder: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' })
}

export function unmount(folder: string): void {
  if (!mounted.delete(folder)) return
  execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
}

/** Writes until a file system is full. @returns the file that fills it */
export function fill(folder: string): string {
  const path = join(folder, '.filler')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096)
  try {
    for (;;) writeSync(file, page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return path
  } finally {
    closeSync(file)
  }
}
