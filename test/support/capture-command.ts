import { fileURLToPath } from 'node:url'
import type { Command, Interfaces } from '@oclif/core'
import { vi } from 'vitest'

export interface Captured {
  stdout: string
  stderr: string
  code: number
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

type Runnable = typeof Command & { run(argv: string[], options: Interfaces.LoadOptions): Promise<unknown> }

/** Runs a command in this process, and gives what it prints and how it exits. */
export async function captureCommand(command: unknown, id: string, ...argv: string[]): Promise<Captured> {
  const captured: Captured = { stdout: '', stderr: '', code: 0 }
  const take = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, encoding, done?) => {
      captured[name] += String(chunk)
      const callback = (typeof encoding === 'function' ? encoding : done) as (() => void) | undefined
      callback?.()
      return true
    })
  const spies = [take('stdout'), take('stderr')]
  const before = process.exitCode
  const runnable = command as Runnable
  runnable.id = id
  try {
    await runnable.run(argv, ROOT)
    captured.code = Number(process.exitCode ?? 0)
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = before
  }
  return captured
}
