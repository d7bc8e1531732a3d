import { join } from 'node:path'
import type { QualityOverrides } from '../../core/verify/quality.js'
import { checked, readOptional } from './config-file.js'
import { qualitySchema } from './config-schema.js'
import { parseYaml } from './config-yaml.js'

export const QUALITY_NAME = 'quality.yml'

/** The quality.yml of a folder; {} where there is none. @throws EtlError CONFIG_INVALID with file, line and key */
export async function readQuality(folder: string): Promise<QualityOverrides> {
  const path = join(folder, QUALITY_NAME)
  const text = await readOptional(path)
  if (text === undefined) return {}
  return checked(qualitySchema, parseYaml(path, text), 'rental-etl verify --scope rules') as QualityOverrides
}
