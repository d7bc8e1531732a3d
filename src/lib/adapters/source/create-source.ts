import type { SourceSpec } from '../../core/config/source-spec.js'
import { homePaths } from '../local/home/paths.js'
import { CsvSource } from './csv/csv-source.js'
import { MysqlSource } from './mysql/mysql-source.js'
import { SampleSource } from './sample-source.js'
import type { Source } from './source.js'

export interface SourceOptions {
  /** The home of the target that reads it: a sample is kept there. */
  home: string
  /** The home is not touched: for who only looks. */
  readOnly?: boolean
  /** The password of a database, where its URL holds none; asked for when it is opened. */
  password?(): Promise<string | undefined>
}

/** The source that a configuration or a run's request names. */
export function createSource(
  spec: SourceSpec,
  { home, readOnly = false, password = noPassword }: SourceOptions,
): Source {
  if (spec.kind === 'mysql') return new MysqlSource(spec, password)
  if (spec.kind === 'csv') return new CsvSource(spec.folder)
  return new SampleSource({ scale: spec.scale, folder: homePaths(home).sample(spec.scale), readOnly })
}

async function noPassword(): Promise<undefined> {}
