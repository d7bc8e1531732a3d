/** True for a command line with `--json` or `-o json`, also before anything of it is parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  return words.some(
    (word, at) =>
      word === '--json' ||
      word === '-ojson' ||
      word === '-o=json' ||
      word === '--output=json' ||
      ((word === '-o' || word === '--output') && words[at + 1] === 'json'),
  )
}
