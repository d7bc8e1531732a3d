import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
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

/** Longest configuration file: the parser takes time by the square of its aliases, and nothing stops it meanwhile. */
export const MAX_YAML_LENGTH = 100_000

/** @throws EtlError CONFIG_INVALID for what is not YAML, and for what would take for ever to read */
export function parseYaml(path: string, text: string): YamlText {
  if (text.length > MAX_YAML_LENGTH) {
    const size = `${text.length} characters long; a configuration file has up to ${MAX_YAML_LENGTH}`
    throw invalid(`${path} is ${size}`, 'rental-etl doctor')
  }
  const counter = new LineCounter()
  // The parser compares each key with each other one; ours is once over them.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false })
  const wrong = document.errors[0] ?? twiceTheSame(document)
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
    value: plainValue(path, document),
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

type Document = ReturnType<typeof parseDocument>

/** The first key that stands twice in one map. */
function twiceTheSame(document: Document): { message: string; pos: [number] } | undefined {
  let found: { message: string; pos: [number] } | undefined
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          found = { message: 'Map keys must be unique', pos: [key.range?.[0] ?? 0] }
          return visit.BREAK
        }
        seen.add(key.value)
      }
      return undefined
    },
  })
  return found
}

/** @throws EtlError CONFIG_INVALID for aliases of aliases that would fill the memory, and for one that leads nowhere */
function plainValue(path: string, document: Document): unknown {
  try {
    return document.toJS() as unknown
  } catch (error) {
    throw invalid(`${path}: ${lowerFirst((error as Error).message)}`, 'rental-etl doctor')
  }
}

/** Where the key itself stands, which for a nested value is above it. */
function keyOffset(document: Document, keys: readonly PropertyKey[]): number | undefined {
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
