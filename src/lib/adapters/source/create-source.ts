import { isMapped, type SourceMapping } from '../../core/config/mapping.js'
import type { SourceSpec } from '../../core/config/source-spec.js'
import { SOURCE_TABLES } from '../../core/model.js'
import { homePaths } from '../local/home/paths.js'
import { CsvSource } from './csv/csv-source.js'
import { MappedSource } from './mapped-source.js'
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
  /** How its tables and columns are named; the sample's are as the model has them. */
  mapping?: SourceMapping
}

/** The source that a configuration or a run's request names. */
export function createSource(
  spec: SourceSpec,
  { home, readOnly = false, password = noPassword, mapping = {} }: SourceOptions,
): Source {
  if (spec.kind === 'sample')
    return new SampleSource({ scale: spec.scale, folder: homePaths(home).sample(spec.scale), readOnly })
  const source = spec.kind === 'mysql' ? new MysqlSource(spec, password, mapping) : new CsvSource(spec.folder, mapping)
  return SOURCE_TABLES.some(({ name }) => isMapped(mapping, name)) ? new MappedSource(source, mapping) : source
}

async function noPassword(): Promise<undefined> {}
