import { describe, expect, test } from 'vitest'
import { globalsBehind, leadingGlobals, placeFlags } from '../../../../src/lib/core/words/command-line.js'

const IDS = ['verify', 'run', 'runs', 'runs show', 'query']

describe('globalsBehind', () => {
  test.each([
    ['-t trial verify', 'verify -t trial'],
    ['-ttrial verify --scope all', 'verify -ttrial --scope all'],
    ['--target=trial --json runs show @latest', 'runs show --target=trial --json @latest'],
    ['--home h --source csv:x run --as-of', 'run --home h --source csv:x --as-of'],
    ['--home h --help run', '--help run --home h'],
    // The words of SQL stay whole, and so does what stands behind --.
    ['--json query -- -x', 'query --json -- -x'],
    // A word that is no command is told as that.
    ['--home h bogus x', 'bogus --home h x'],
    // Nothing stands in front, or nothing behind.
    ['verify -t trial', 'verify -t trial'],
    ['--watch run', '--watch run'],
    ['--home run', '--home run'],
    ['--json', '--json'],
    ['', ''],
  ])('%s', (typed, ordered) => {
    const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')
    expect(globalsBehind(words(typed), IDS)).toEqual(words(ordered))
  })

  test('a value is a word of its own, whatever it looks like', () => {
    expect(leadingGlobals(['--home', '-x y', '--json', 'run'])).toEqual({
      globals: ['--home', '-x y', '--json'],
      rest: ['run'],
    })
  })
})

test.each<[string[], object]>([
  [['run', '--home', 'h', '-t', 'x'], { home: 'h', target: 'x' }],
  [['--home=h=2', 'run', '--source=csv:a b'], { home: 'h=2', source: 'csv:a b' }],
  [['run', '--home', 'h', '--', '--target', 'x'], { home: 'h' }],
  [['run', '--home'], {}],
])('placeFlags %j', (words, place) => {
  expect(placeFlags(words)).toEqual(place)
})
