const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu

/** A column's name as a message says it: what cannot be seen, or told from a blank, is written out. */
export function columnText(name: string): string {
  return name.replace(UNSEEN, (letter) => {
    const code = (letter.codePointAt(0) as number).toString(16)
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
  })
}
