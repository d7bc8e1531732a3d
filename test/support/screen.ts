/**
 * What a terminal shows of the text that is written to it: lines without end above, cursor moves, erasing, wrapping.
 * Colours are left out. Only what ink and readline write is understood; anything else throws.
 */
export class Screen {
  #lines: string[][] = [[]]
  #row = 0
  #column = 0
  /** What the other screen covers, and where the cursor was. */
  #covered: { lines: string[][]; row: number; column: number } | undefined
  #rest = ''
  cursorShown = true
  /** Lines that were longer than the terminal is wide. */
  readonly wrapped: string[] = []
  /** Lines that the other screen lost at its top. */
  readonly scrolled: string[] = []

  constructor(
    public columns: number,
    public rows: number,
  ) {}

  /** True while the other screen is shown, which is as high as the terminal and keeps nothing. */
  get isOther(): boolean {
    return this.#covered !== undefined
  }

  /** Another size. What is shown stays as it is, as on a terminal that does not wrap its lines anew. */
  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
  }

  /** The lines from the first to the last, without blanks at their ends. */
  get lines(): string[] {
    return this.#lines.map((cells) =>
      cells
        .map((cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    )
  }

  get text(): string {
    return this.lines.join('\n').trimEnd()
  }

  write(data: string): void {
    let text = this.#rest + data
    this.#rest = ''
    while (text !== '') {
      const sequence = SEQUENCE.exec(text)
      if (sequence) {
        this.#control(sequence[1] ?? '', (sequence[2] ?? '').split(';').map(Number), sequence[3] ?? 'm')
        text = text.slice(sequence[0].length)
      } else if (text.startsWith('\u001b')) {
        if (text.length > 32) throw new Error(`a sequence that no screen knows: ${JSON.stringify(text.slice(0, 32))}`)
        this.#rest = text
        return
      } else {
        const character = String.fromCodePoint(text.codePointAt(0) as number)
        this.#put(character)
        text = text.slice(character.length)
      }
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#moveTo(this.#row + 1)
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (character >= ' ' && character !== '\u007f') {
      if (this.#column >= this.columns) {
        this.wrapped.push((this.#lines[this.#row] ?? []).join(''))
        this.#column = 0
        this.#moveTo(this.#row + 1)
      }
      const line = this.#lines[this.#row] as string[]
      while (line.length < this.#column) line.push(' ')
      line[this.#column++] = character
    }
  }

  #moveTo(row: number): void {
    // A terminal cannot go back above its first line.
    this.#row = Math.max(row, this.#lines.length - this.rows, 0)
    while (this.#lines.length <= this.#row) this.#lines.push([])
    if (!this.isOther || this.#lines.length <= this.rows) return
    this.scrolled.push(this.lines[0] ?? '')
    this.#lines.shift()
    this.#row--
  }

  #other(shown: boolean): void {
    if (shown === this.isOther) return
    if (shown) {
      this.#covered = { lines: this.#lines, row: this.#row, column: this.#column }
      // Empty, with the cursor where it was.
      const row = this.#row - Math.max(0, this.#lines.length - this.rows)
      this.#lines = Array.from({ length: row + 1 }, () => [])
      this.#row = row
    } else if (this.#covered) {
      ;({ lines: this.#lines, row: this.#row, column: this.#column } = this.#covered)
      this.#covered = undefined
    }
  }

  #control(mark: string, numbers: number[], letter: string): void {
    const [first = 0] = numbers
    if (mark === '?') {
      if (first === 25) this.cursorShown = letter === 'h'
      if (first === 1049) this.#other(letter === 'h')
      return
    }
    const line = this.#lines[this.#row] as string[]
    switch (letter) {
      case 'm':
        return
      case 'A':
      case 'B':
        this.#moveTo(this.#row + (letter === 'A' ? -1 : 1) * (first || 1))
        return
      case 'C':
        this.#column += first || 1
        return
      case 'D':
        this.#column = Math.max(0, this.#column - (first || 1))
        return
      case 'E':
      case 'F':
        this.#column = 0
        this.#moveTo(this.#row + (letter === 'F' ? -1 : 1) * (first || 1))
        return
      case 'G':
        this.#column = (first || 1) - 1
        return
      case 'H':
        this.#column = (numbers[1] || 1) - 1
        this.#moveTo(Math.max(0, this.#lines.length - this.rows) + (first || 1) - 1)
        return
      case 'K':
        if (first === 2) line.length = 0
        else if (first === 0) line.length = Math.min(line.length, this.#column)
        else throw new Error('erasing to the left is not known')
        return
      case 'J':
        if (first !== 0) throw new Error(`erasing the screen by ${first} is not known`)
        line.length = Math.min(line.length, this.#column)
        this.#lines.length = this.#row + 1
        return
      default:
        throw new Error(`a sequence that no screen knows: ${mark}${numbers.join(';')}${letter}`)
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with it
const SEQUENCE = /^\u001b(?:\[([?>=]?)([\d;]*)([A-Za-z])|\][^\u0007]*\u0007|[=>78])/
