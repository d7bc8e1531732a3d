import { expect, test } from 'vitest'
import { progressLine } from '../../../src/lib/ui/progress.js'

function on(live: boolean): { written: string[]; line: ReturnType<typeof progressLine> } {
  const written: string[] = []
  const stream = { columns: 12, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream
  return { written, line: progressLine(stream, live) }
}

test('one line that is written over and goes again', () => {
  const { written, line } = on(true)
  line.clear()
  line.show('short')
  line.show('longer than the terminal\u001b')
  line.clear()
  line.clear()
  expect(written).toEqual(['\r\u001b[Kshort', '\r\u001b[Klonger tha…', '\r\u001b[K'])
})

test('nothing where nothing can be written over', () => {
  const { written, line } = on(false)
  line.show('short')
  line.clear()
  expect(written).toEqual([])
})
