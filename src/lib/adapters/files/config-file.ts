import { readFile } from 'node:fs/promises'
import { dirname, parse as parsePath } from 'node:path'
import { lilconfig } from 'lilconfig'
import type { z } from 'zod'
import { CONFIG_NAME, type ConfigFile } from '../../core/config/config.js'
import type { YamlText } from './config-yaml.js'
import { readError } from './io-errors.js'

/**
 * The nearest rental-etl.yml upwards from a folder; undefined when there is none.
 * @throws EtlError CONFIG_INVALID with file, line and key
 */
export async function findConfig(cwd: string): Promise<ConfigFile | undefined> {
  const finder = lilconfig('rental-etl', {
    searchPlaces: [CONFIG_NAME],
    stopDir: parsePath(cwd).root,
    ignoreEmptySearchPlaces: false,
    cache: false,
    // The text itself: lines are needed for messages.
    loaders: { '.yml': (_, content) => content },
  })
  const found = await finder.search(cwd).catch((error) => {
    throw readError(error, CONFIG_NAME)
  })
  if (!found) return undefined
  return readConfig(found.filepath, typeof found.config === 'string' ? found.config : '')
}

/** A configuration from its text. @throws EtlError CONFIG_INVALID */
export async function readConfig(path: string, text: string): Promise<ConfigFile> {
  // Most homes have no such file, and need not wait for its parsers.
  const [{ configSchema }, { parseYaml }] = await Promise.all([
    import('./config-schema.js'),
    import('./config-yaml.js'),
  ])
  const yaml = parseYaml(path, text)
  const value = checked(configSchema, yaml)
  return {
    path,
    folder: dirname(path),
    target: value.target,
    targets: (value.targets ?? {}) as ConfigFile['targets'],
    line: (key) => yaml.line(key.split('.')),
  }
}

/** Reads a file that may be absent. */
export async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw readError(error, path)
  }
}

/** The value of a text by a schema. @throws EtlError CONFIG_INVALID for the first thing that is wrong */
export function checked<Schema extends z.ZodType>(schema: Schema, yaml: YamlText): z.output<Schema> {
  const result = schema.safeParse(yaml.value ?? {})
  if (result.success) return result.data
  throw yaml.error(result.error.issues[0] as z.core.$ZodIssue, schema)
}
