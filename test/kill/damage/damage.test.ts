import { expect, test } from 'vitest'
import type { Ended } from '../process.js'
import { judge } from './judge.js'
import { damageTable, type Row } from './table.js'

const ended = (code: number | null, envelope: object | string, more: Partial<Ended> = {}): Ended => ({
  code,
  signal: null,
  stdout: typeof envelope === 'string' ? envelope : JSON.stringify(envelope),
  stderr: '',
  ms: 1,
  hung: false,
  ...more,
})
const failed = (code: string): object => ({ status: 'error', error: { code, message: 'no space' }, warnings: [] })
const fine = { status: 'ok', result: { rows: [{ n: 1 }] }, warnings: [] }

test.each([
  ['done', ended(0, fine), false, []],
  ['told as trouble with the disk', ended(74, failed('IO')), false, []],
  ['a bug', ended(70, failed('BUG')), false, ['exit 70', 'code BUG']],
  [
    'a bug in disguise',
    ended(1, { status: 'ok', result: { error: { code: 'BUG', message: 'EFBIG' } }, warnings: [] }),
    false,
    ['code BUG'],
  ],
  ['locked by nobody', ended(75, failed('LOCKED')), false, ['exit 75']],
  ['a hang', ended(null, '', { hung: true, signal: 'SIGKILL' }), true, ['hangs']],
  ['a crash', ended(null, '', { signal: 'SIGSEGV' }), false, ['dies by SIGSEGV']],
  ['a crash without memory', ended(null, '', { signal: 'SIGABRT' }), true, []],
  ['no JSON', ended(74, 'error: no'), false, ['stdout is no JSON']],
  [
    'a stack',
    ended(74, failed('IO'), { stderr: 'x\n    at run (file:///a.js:1:2)' }),
    false,
    ['a stack or an internal error'],
  ],
] as const)('%s', (_, what, mayDie, problems) => {
  expect(judge(what, mayDie, (text) => text).problems).toEqual(problems)
})

test('what was said is the error, or the checks that failed, without names of this machine', () => {
  const hide = (text: string): string => text.replaceAll('/x', 'HOME')
  const error = { status: 'error', error: { code: 'IO', message: 'cannot write /x:\n full' }, warnings: [] }
  expect(judge(ended(74, error), false, hide).said).toBe('IO: cannot write HOME: full')
  const checks = [
    { name: 'lock', status: 'fail', message: 'is of root' },
    { name: 'disk', status: 'ok', message: 'x' },
  ]
  expect(judge(ended(0, { status: 'ok', result: { checks }, warnings: [] }), false, hide).said).toBe('lock: is of root')
})

test('doctor is calm where it finds nothing but what is so in every case', () => {
  const found = (...checks: [name: string, status: string][]) =>
    judge(
      ended(0, {
        status: 'ok',
        result: { checks: checks.map(([name, status]) => ({ name, status, message: 'x' })) },
        warnings: [],
      }),
      false,
      (text) => text,
    ).calm
  expect(found(['home', 'ok'], ['warehouse', 'warn'], ['last run', 'warn'])).toBe(true)
  expect([found(['home', 'fail']), found(['disk', 'warn']), found(['warehouse', 'fail'])]).toEqual([
    false,
    false,
    false,
  ])
  expect(judge(ended(74, failed('IO')), false, (text) => text).calm).toBe(false)
})

test('cases that ended alike share a row, and so do commands that answered alike', () => {
  const answer = (command: string, exit: string, said = '', problems: string[] = []): Row['answers'][number] => ({
    command,
    exit,
    said,
    problems,
  })
  const rows: Row[] = [
    { what: '`a` is empty', answers: [answer('runs', '0'), answer('run', '0')], after: 'run mends it', problems: [] },
    { what: '`a` is cut', answers: [answer('runs', '0'), answer('run', '0')], after: 'run mends it', problems: [] },
    {
      what: 'full',
      answers: [answer('runs', '0'), answer('run', '70', 'a|b', ['exit 70'])],
      after: 'nothing lost',
      problems: ['left behind: x'],
    },
  ]
  expect(damageTable(rows).split('\n')).toEqual([
    '| what was done | command | exit | what it said | what remained true |',
    '| --- | --- | --- | --- | --- |',
    '| `a` is empty, is cut | `runs`, `run` | 0 |  | run mends it |',
    '| full | `runs` | 0 |  | nothing lost; **✗ left behind: x** |',
    '|  | `run` | 70 **✗** | a\\|b |  |',
  ])
})
