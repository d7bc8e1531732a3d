import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../process.js'
import { damageAll } from './harness.js'
import { damageTable, type Row } from './table.js'

// npm run test:damage -- [--only TEXT | --write] [--lanes N]: damages a home and its surroundings in every way.
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    lanes: { type: 'string', default: '2' },
  },
})
if (values.write && values.only !== undefined) {
  process.stderr.write('--write writes the whole table: it does not go with --only\n')
  process.exit(64)
}
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const faults = ({ answers, problems }: Row): string[] => [
  ...answers.flatMap(({ command, said, problems: bad }) => bad.map((problem) => `${command} ${problem}: ${said}`)),
  ...problems,
]
const { rows, skipped } = await damageAll({
  lanes: Number(values.lanes),
  ...(values.only === undefined ? {} : { only: new RegExp(values.only) }),
  onRow: (row) => {
    const found = faults(row)
    const exits = row.answers.map(({ command, exit }) => `${command} ${exit}`).join(', ')
    say(`${found.length > 0 ? '✗' : '✓'} ${row.what}: ${exits}; ${row.after}`)
    for (const fault of found) say(`    ${fault}`)
  },
})
for (const { what, why } of skipped) say(`– ${what}: ${why}`)
if (values.write) {
  const path = join(ROOT, 'docs', 'reliability.md')
  const block = /(<!-- begin: damage[^>]*-->\n)[\s\S]*?(<!-- end: damage -->)/
  const text = readFileSync(path, 'utf8')
  if (!block.test(text)) throw new Error(`${path} has no block for the table`)
  writeFileSync(
    path,
    text.replace(block, (_, begin, end) => `${begin}\n${damageTable(rows)}\n\n${end}`),
  )
}
const failed = rows.filter((row) => faults(row).length > 0).length
say(`${rows.length - failed} passed, ${failed} failed, ${skipped.length} could not be tried here`)
process.exitCode = failed > 0 ? 1 : 0
