import { writeFile } from 'node:fs/promises'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { type Release, releaseOf } from '../../src/lib/core/release/release.js'

/** The release of this version of the tool. */
export async function thisRelease(): Promise<Release> {
  const [curated, ledger, presentation] = await Promise.all(
    (['curated', 'ledger', 'presentation'] as const).map(async (folder) =>
      Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text])),
    ),
  )
  return releaseOf({ curated: curated ?? {}, ledger: ledger ?? {}, presentation: presentation ?? {} })
}

/** Writes it as `bootstrap` uploads it. */
export async function writeRelease(path: string): Promise<Release> {
  const release = await thisRelease()
  await writeFile(path, JSON.stringify(release))
  return release
}
