import { join } from 'node:path'
import { nameFault, type QualityOverrides } from '../../core/verify/quality.js'
import { checked, readOptional } from './config-file.js'
import { qualitySchema } from './config-schema.js'
import { parseYaml } from './config-yaml.js'

export const QUALITY_NAME = 'quality.yml'

/**
 * The quality.yml of a folder; {} where there is none.
 * @param known names of the rules that there are
 * @throws EtlError CONFIG_INVALID with file, line and key
 */
export async function readQuality(folder: string, known: readonly string[]): Promise<QualityOverrides> {
  const path = join(folder, QUALITY_NAME)
  const text = await readOptional(path)
  if (text === undefined) return {}
  const yaml = parseYaml(path, text)
  const overrides = checked(qualitySchema, yaml) as QualityOverrides
  const fault = nameFault(overrides, known)
  if (fault) throw yaml.fault(fault.path, fault.message)
  const add = overrides.add?.map((rule, at) => ({ ...rule, where: yaml.place(['add', at]) }))
  return { ...overrides, ...(add ? { add } : {}) }
}
