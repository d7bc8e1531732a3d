import fc from 'fast-check'

const PIECES = [
  ...'\'"\\,;:-_$*~|% \t\n\r\u001f\u00a0\ufeffaZ09éßİſ東😀',
  "''",
  '""',
  '\\N',
  '\r\n',
  'null',
  '--',
  '/*',
]

/** Texts made of what quoting, trimming and decoding stumble over; never a NUL. */
export const trickyText = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join(''))
