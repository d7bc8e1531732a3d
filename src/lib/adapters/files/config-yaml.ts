import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { EtlError } from '../../core/errors.js'
import { nearest } from '../../core/words/nearest.js'
import { keysAt } from './config-schema.js'

/** A YAML text that knows where its values stand. */
export interface YamlText {
  value: unknown
  /** Line of a key, from 1; that of the nearest one above it which is there. */
  line(path: readonly PropertyKey[]): number | undefined
  /** What a schema says of the value, as an error that names file, line and key. */
  error(issue: z.core.$ZodIssue, schema: z.ZodType, suggestion: string): EtlError
}

/** @throws EtlError CONFIG_INVALID for what is not YAML */
export function parseYaml(path: string, text: string): YamlText {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const [wrong] = document.errors
  if (wrong) {
    const { line, col } = counter.linePos(wrong.pos[0])
    throw invalid(`${path}:${line}:${col}: ${lowerFirst(wrong.message)}`, 'rental-etl doctor')
  }
  const line = (keys: readonly PropertyKey[]): number | undefined => {
    for (let depth = keys.length; depth > 0; depth--) {
      const offset = keyOffset(document, keys.slice(0, depth))
      if (offset !== undefined) return counter.linePos(offset).line
    }
    return undefined
  }
  return {
    value: document.toJS() as unknown,
    line,
    error: (issue, schema, suggestion) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      const keys = unknown === undefined ? issue.path : [...issue.path, unknown]
      const at = line(keys)
      const place = `${path}${at === undefined ? '' : `:${at}`}`
      const name = keys.map(String).join('.')
      if (unknown === undefined) {
        const value = document.getIn(keys as string[])
        const given = typeof value === 'string' || typeof value === 'number' ? ` (${JSON.stringify(value)})` : ''
        return invalid(`${place}: ${name || 'the file'}${given}: ${lowerFirst(issue.message)}`, suggestion)
      }
      const known = keysAt(schema, issue.path)
      const near = nearest(unknown, known)[0]
      const hint = near ? `the nearest is ${near}` : `keys are ${known.join(', ')}`
      return invalid(`${place}: there is no key ${name}; ${hint}`, suggestion)
    },
  }
}

/** Where the key itself stands, which for a nested value is above it. */
function keyOffset(document: ReturnType<typeof parseDocument>, keys: readonly PropertyKey[]): number | undefined {
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1) as string[], true)
  const last = keys.at(-1)
  const items = (parent as { items?: unknown[] } | null)?.items
  if (!Array.isArray(items)) return undefined
  if (typeof last === 'number') return (items[last] as { range?: [number] } | undefined)?.range?.[0]
  const pair = items.find((item) => (item as { key?: { value?: unknown } }).key?.value === last)
  return (pair as { key?: { range?: [number] } } | undefined)?.key?.range?.[0]
}

function invalid(message: string, suggestion: string): EtlError {
  return new EtlError(message, { code: 'CONFIG_INVALID', suggestions: [suggestion] })
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`
}
