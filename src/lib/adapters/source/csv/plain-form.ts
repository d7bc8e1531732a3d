import type { SourceTable, SqlType } from '../../../core/model.js'
import { Automaton, REFUSED } from './automaton.js'
import { CR, fieldsOf, LF, QUOTE, trimBlanks } from './fields.js'

const BOM = [0xef, 0xbb, 0xbf]
const DIGITS = '0123456789'
const FRACTION_DIGITS = 6
const BOOLEANS = ['true', 'false', 't', 'f', 'yes', 'no', 'y', 'n', '1', '0']
/** Bytes of which no text without quotes has any: comma, quote, line ends, NUL. */
const PARTING = [0x2c, QUOTE, LF, CR, 0]

/**
 * Whether every field of a CSV file is in its plain form: one of which the engine's own cast gives what the rules of
 * typing give (docs/data.md), or fails. Such a file the engine may read into typed columns by itself.
 *
 * - numbers: digits, a minus before them or not, decimals as far as the type has them
 * - dates, and times with or without a fraction, by ISO 8601, in the years 1900 to 2199
 * - booleans: `true`, `t`, `yes`, `y`, `1`, and their opposites, in any case
 * - texts: whatever they are
 * - NULL: nothing, or `\N`; never in a key
 *
 * Each in quotes or not. And every record has as many fields as the header.
 */
export class PlainForm {
  #automaton: Automaton | undefined
  /** Undefined before the first bytes. */
  #state: number | undefined

  constructor(private readonly table: SourceTable) {}

  /** @param bytes those that follow the ones before; a header that does not stand whole in the first is not plain */
  take(bytes: Buffer): void {
    if (this.#state === REFUSED) return
    this.#state = this.#state === undefined ? this.#begin(bytes) : this.#through(bytes, 0, this.#state)
  }

  /** Whether all of the file is plain, when all bytes were given. */
  get holds(): boolean {
    return this.#state !== undefined && this.#automaton?.ends.has(this.#state) === true
  }

  #begin(bytes: Buffer): number {
    const start = BOM.every((byte, at) => bytes[at] === byte) ? BOM.length : 0
    const lf = bytes.indexOf(LF, start)
    const end = bytes[lf - 1] === CR ? lf - 1 : lf
    if (lf < 0 || bytes.subarray(start, end).includes(QUOTE)) return REFUSED
    this.#automaton = automatonOf(this.table, fieldsOf({ bytes, start, end }).map(trimBlanks))
    return this.#automaton ? this.#through(bytes, lf + 1, this.#automaton.start) : REFUSED
  }

  #through(bytes: Buffer, from: number, state: number): number {
    return this.#automaton?.through(bytes, from, state) ?? REFUSED
  }
}

/** Of the records of a table; undefined where a key is a text, or the columns are too many. */
function automatonOf(table: SourceTable, header: readonly string[]): Automaton | undefined {
  const automaton = new Automaton()
  let start = automaton.start
  try {
    for (const [at, name] of header.entries()) {
      const type = table.columns.find((column) => column.name === name)?.type ?? 'VARCHAR'
      const isKey = table.key.includes(name)
      if (isKey && type === 'VARCHAR') return undefined
      const ends = addField(automaton, start, { type, isKey })
      if (type !== 'VARCHAR') ends.push(addQuoted(automaton, start, { type, isKey }))
      if (at < header.length - 1) start = addComma(automaton, ends)
      else addLineEnd(automaton, ends)
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
  return automaton
}

function addComma(automaton: Automaton, ends: readonly number[]): number {
  const next = automaton.state()
  for (const end of ends) automaton.on(end, ',', next)
  return next
}

/** The last record may lack it. */
function addLineEnd(automaton: Automaton, ends: readonly number[]): void {
  const returned = automaton.state()
  automaton.on(returned, '\n', automaton.start)
  automaton.ends.add(automaton.start)
  for (const end of ends) {
    automaton.on(end, '\n', automaton.start)
    automaton.on(end, '\r', returned)
    automaton.ends.add(end)
  }
}

interface Field {
  type: SqlType
  isKey: boolean
}

/** @returns the states in which a field may end */
function addField(automaton: Automaton, start: number, { type, isKey }: Field): number[] {
  const ends = addValue(automaton, start, type)
  if (isKey) return ends
  // A text that is the word for NULL is one of its texts.
  return type === 'VARCHAR' ? [...ends, start] : [...ends, start, addForm(automaton, start, ['\\', 'N'])]
}

/** The same between quotes. @returns the state behind them */
function addQuoted(automaton: Automaton, start: number, field: Field): number {
  const [opened, closed] = [automaton.state(), automaton.state()]
  automaton.on(start, '"', opened)
  for (const end of addField(automaton, opened, field)) automaton.on(end, '"', closed)
  return closed
}

function addValue(automaton: Automaton, start: number, type: SqlType): number[] {
  if (type === 'VARCHAR') return addText(automaton, start)
  if (type === 'BOOLEAN') return BOOLEANS.map((word) => addWord(automaton, start, word))
  if (type === 'DATE') return [addDate(automaton, start)]
  if (type === 'TIMESTAMP') return addTimestamp(automaton, start)
  return addNumber(automaton, start, Number(/,(\d+)\)$/.exec(type)?.[1] ?? 0))
}

function addNumber(automaton: Automaton, start: number, scale: number): number[] {
  const whole = automaton.state()
  const signed = automaton.state()
  automaton.on(start, '-', signed)
  for (const from of [start, signed, whole]) automaton.on(from, DIGITS, whole)
  if (scale === 0) return [whole]
  const point = addWord(automaton, whole, '.')
  return [whole, ...addDigits(automaton, point, scale)]
}

function addDate(automaton: Automaton, start: number): number {
  const [twentieth, later, century] = [automaton.state(), automaton.state(), automaton.state()]
  automaton.on(start, '1', twentieth)
  automaton.on(start, '2', later)
  automaton.on(twentieth, '9', century)
  automaton.on(later, '01', century)
  // Which months there are, and days, the cast knows.
  return addForm(automaton, century, [DIGITS, DIGITS, '-', DIGITS, DIGITS, '-', DIGITS, DIGITS])
}

function addTimestamp(automaton: Automaton, start: number): number[] {
  const date = addDate(automaton, start)
  const [parted, early, late, hour] = [automaton.state(), automaton.state(), automaton.state(), automaton.state()]
  automaton.on(date, ' T', parted)
  automaton.on(parted, '01', early)
  automaton.on(parted, '2', late)
  automaton.on(early, DIGITS, hour)
  automaton.on(late, '0123', hour)
  const second = addForm(automaton, hour, [':', '012345', DIGITS, ':', '012345', DIGITS])
  const whole = [second, ...addDigits(automaton, addWord(automaton, second, '.'), FRACTION_DIGITS)]
  const zone = automaton.state()
  for (const end of whole) automaton.on(end, 'Z', zone)
  return [date, ...whole, zone]
}

/** Without quotes or in them, where two of them stand for one. */
function addText(automaton: Automaton, start: number): number[] {
  const [bare, quoted, closed] = [automaton.state(), automaton.state(), automaton.state()]
  const all = Array.from({ length: 256 }, (_, byte) => byte)
  const plain = all.filter((byte) => !PARTING.includes(byte))
  automaton.on(start, plain, bare)
  automaton.on(bare, plain, bare)
  automaton.on(quoted, all, quoted)
  for (const from of [start, closed]) automaton.on(from, '"', quoted)
  automaton.on(quoted, '"', closed)
  return [bare, closed]
}

/** @returns the states after one digit, two, and so on */
function addDigits(automaton: Automaton, start: number, most: number): number[] {
  const ends: number[] = []
  for (let from = start; ends.length < most; ends.push(from)) from = addForm(automaton, from, [DIGITS])
  return ends
}

/** In any case. */
function addWord(automaton: Automaton, start: number, word: string): number {
  return addForm(
    automaton,
    start,
    [...word].map((letter) => letter.toLowerCase() + letter.toUpperCase()),
  )
}

/** @param form which bytes may follow, one after another @returns the state behind them */
function addForm(automaton: Automaton, start: number, form: readonly string[]): number {
  return form.reduce((from, bytes) => {
    // Words may begin alike.
    const to = automaton.step(from, bytes) || automaton.state()
    automaton.on(from, bytes, to)
    return to
  }, start)
}
