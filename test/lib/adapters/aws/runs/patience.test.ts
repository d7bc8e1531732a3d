import { expect, test } from 'vitest'
import { PACE, patient, pause } from '../../../../../src/lib/adapters/aws/runs/patience.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'

const FAST = { ...PACE, tries: 3, trouble: 1, longest: 2 }
const io = new EtlError('not reached', { code: 'IO' })
const broken = Object.assign(new Error('broken'), { $fault: 'server' })

function script(...failures: (Error | undefined)[]): { work: () => Promise<number>; told: unknown[]; asked(): number } {
  let asked = 0
  const work = async (): Promise<number> => {
    const failure = failures[asked++]
    if (failure) throw failure
    return asked
  }
  return { work, told: [], asked: () => asked }
}

test('what may pass is looked at again, and told once each time that it begins', async () => {
  const { work, told } = script(io, broken, undefined, io, undefined)
  const look = patient({ onTrouble: (error) => told.push(error) }, FAST)
  expect([await look(work), told]).toEqual([3, [io]])
  expect([await look(work), told]).toEqual([5, [io, io]])
})

test('it has an end', async () => {
  const { work, asked } = script(io, io, io, io)
  await expect(patient({}, FAST)(work)).rejects.toBe(io)
  expect(asked()).toBe(3)
})

test.each([new EtlError('keys', { code: 'ACCESS' }), new Error('bug')])(
  'what does not mend itself is thrown: %s',
  async (error) => {
    const { work, told, asked } = script(error)
    await expect(patient({ onTrouble: (one) => told.push(one) }, FAST)(work)).rejects.toBe(error)
    expect([told, asked()]).toEqual([[], 1])
  },
)

test('a stop ends the wait with its reason', async () => {
  const stop = new AbortController()
  const look = patient({ signal: stop.signal }, { ...FAST, trouble: 60_000, longest: 60_000 })
  const looking = look(script(io).work)
  setTimeout(() => stop.abort(new Error('seen enough')), 5)
  await expect(looking).rejects.toThrow('seen enough')
  await expect(pause(60_000, stop.signal)).rejects.toThrow('seen enough')
})

test('a stop does not wait for a call that hangs', async () => {
  const stop = new AbortController()
  const looking = patient({ signal: stop.signal }, FAST)(() => new Promise(() => undefined))
  setTimeout(() => stop.abort(new Error('seen enough')), 5)
  await expect(looking).rejects.toThrow('seen enough')
}, 5_000)
