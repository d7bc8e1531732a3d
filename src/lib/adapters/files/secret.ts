import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseSecret } from '../../core/config/values.js'
import { EtlError } from '../../core/errors.js'
import { readError } from './io-errors.js'

/**
 * A secret by its reference, `env:NAME` or `file:PATH`, of which a line end at the end is no part.
 * @param folder that a relative path is meant from
 * @throws EtlError CONFIG_INVALID where it is not there, IO
 */
export async function readSecret(reference: string, env: NodeJS.ProcessEnv, folder: string): Promise<string> {
  const { kind, name } = parseSecret(reference)
  if (kind === 'env') {
    const value = env[name]
    if (value) return value
    throw absent(`environment variable ${name} is not set`)
  }
  const path = resolve(folder, name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? absent(`file ${path} is not there`) : readError(error, path)
  })
  return text.replace(/\r?\n$/, '')
}

function absent(what: string): EtlError {
  return new EtlError(`source_password: ${what}`, {
    code: 'CONFIG_INVALID',
    suggestions: ['rental-etl config explain source_password'],
  })
}
