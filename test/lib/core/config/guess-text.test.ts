import { expect, test } from 'vitest'
import { readConfig } from '../../../../src/lib/adapters/files/config-file.js'
import type { Proposal } from '../../../../src/lib/core/config/guess.js'
import { mappingYaml } from '../../../../src/lib/core/config/guess-text.js'

/** The mapping of a file with these lines in its target. */
async function read(proposal: Proposal): Promise<unknown> {
  const text = `targets:\n  local:\n    source: csv:d\n${mappingYaml(proposal, '    ')}\n`
  return (await readConfig('rental-etl.yml', text)).targets['local']?.mapping
}

test('a line for each that differs, with why; a comment for what is lacking, or not certain', async () => {
  const proposal: Proposal = {
    mapping: {
      bookings: { table: 'reservations', columns: { booking_id: 'no', total_price: `replace(price, '$', '')` } },
    },
    guesses: [
      { table: 'bookings', column: null, from: 'reservations', why: 'by name' },
      { table: 'bookings', column: 'booking_id', from: 'no', why: 'similar name' },
      { table: 'bookings', column: 'checkin_date', from: 'checkin_date', why: 'same name; read with the day first' },
      { table: 'bookings', column: 'total_price', from: `replace(price, '$', '')`, why: 'by name; numbers such as $5' },
    ],
    missing: [
      { table: 'bookings', column: 'currency', required: true, why: 'missing in the source' },
      { table: 'bookings', column: 'num_guests', required: false, why: 'missing in the source' },
      { table: 'user_viewing', column: null, required: true, why: 'no table of the source looks like it' },
    ],
  }
  expect(mappingYaml(proposal, '')).toBe(
    `# As \`init --guess\` proposes it, by names and first rows: look at it before a run.
mapping:
  bookings:
    table: reservations   # by name
    columns:
      booking_id: "no"   # similar name
      total_price: "replace(price, '$', '')"   # by name; numbers such as $5
      # checkin_date: same name; read with the day first
      # currency: missing in the source; give a constant such as "'USD'", or a column
  # user_viewing: no table of the source looks like it; give its name with \`table:\``,
  )
  expect(await read(proposal)).toEqual(proposal.mapping)
})

test('names of a source may hold anything', async () => {
  const names = [
    'a"b',
    "it's",
    `both " and '`,
    'line\nend',
    'tab\t',
    'nul\u0085\u2028\ufeff',
    'true',
    '- x',
    '# y',
    'ünï: {',
    '\u{1f3e0}',
  ]
  for (const name of names) {
    const proposal: Proposal = {
      mapping: { bookings: { table: name, columns: { user_id: name } } },
      guesses: [
        { table: 'bookings', column: null, from: name, why: `by name; also: ${name}` },
        { table: 'bookings', column: 'user_id', from: name, why: `by name; also: ${name}` },
      ],
      missing: [{ table: 'bookings', column: 'currency', required: true, why: `not certain: ${name} or x?` }],
    }
    expect(await read(proposal)).toEqual(proposal.mapping)
  }
})

test('where all is named as in the model there is nothing to write, and what is lacking is a comment alone', async () => {
  expect(mappingYaml({ mapping: {}, guesses: [], missing: [] }, '    ')).toBe('')
  const missing = [{ table: 'bookings', column: 'currency', required: true, why: 'missing in the source' } as const]
  const guesses = [{ table: 'bookings', column: 'user_id', from: 'user_id', why: 'same name' } as const]
  const proposal: Proposal = { mapping: {}, guesses: [...guesses], missing: [...missing] }
  expect(mappingYaml(proposal, '').split('\n').slice(1)).toEqual([
    '# mapping:',
    `  # bookings.currency: missing in the source; give a constant such as "'USD'", or a column`,
  ])
  expect(await read(proposal)).toBeUndefined()
})
