import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { EtlError } from '../../core/errors.js'
import { nearest } from '../../core/words/nearest.js'
import { shellWord } from '../../core/words/shell-word.js'
import { keysAt } from './config-schema.js'

/** A larger file is refused: nobody writes one by hand, and reading it would take long. */
export const MAX_YAML_BYTES = 128 * 1024

/** A YAML text that knows where its values stand. */
export interface YamlText {
  value: unknown
  /** Line of a key, from 1; that of the nearest one above it which is there. */
  line(path: readonly PropertyKey[]): number | undefined
  /** The file, with the line of a key. */
  place(path: readonly PropertyKey[]): string
  /** What is wrong with a key, as an error that names file and line. */
  fault(path: readonly PropertyKey[], message: string): EtlError
  /** What a schema says of the value, as an error that names file, line and key. */
  error(issue: z.core.$ZodIssue, schema: z.ZodType): EtlError
}

/** @throws EtlError CONFIG_INVALID for what is not YAML, for keys that stand twice, and for too large a file */
export function parseYaml(path: string, text: string): YamlText {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_YAML_BYTES)
    throw invalid(path, undefined, `${path} has ${bytes} bytes; a configuration file has at most ${MAX_YAML_BYTES}`)
  const counter = new LineCounter()
  // The parser's own look for keys that stand twice takes the square of their number.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false })
  const wrongAt = (offset: number, message: string): EtlError => {
    const { line, col } = counter.linePos(offset)
    const [, key, value] = /^\s*(?:- )?([\w"']+):\s+(\*.*?)\s*$/.exec(text.split('\n')[line - 1] ?? '') ?? []
    const why = /call stack/.test(message)
      ? 'it is nested too deep'
      : value
        ? `a value that begins with * has to stand in quotes: ${key}: "${value}"`
        : lowerFirst(message)
    return invalid(path, line, `${path}:${line}:${col}: ${why}`)
  }
  const [wrong] = document.errors
  if (wrong) throw wrongAt(wrong.pos[0], wrong.message)
  const twice = repeatedKey(document)
  if (twice !== undefined) throw wrongAt(twice, 'map keys must be unique')
  const line = (keys: readonly PropertyKey[]): number | undefined => {
    for (let depth = keys.length; depth > 0; depth--) {
      const offset = keyOffset(document, keys.slice(0, depth))
      if (offset !== undefined) return counter.linePos(offset).line
    }
    return undefined
  }
  const place = (keys: readonly PropertyKey[]): string => {
    const at = line(keys)
    return `${path}${at === undefined ? '' : `:${at}`}`
  }
  const fault = (keys: readonly PropertyKey[], message: string): EtlError =>
    invalid(path, line(keys), `${place(keys)}: ${message}`)
  return {
    value: plainValue(document, (message, offset = 0) => wrongAt(offset, message)),
    line,
    place,
    fault,
    error: (issue, schema) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      const keys = unknown === undefined ? issue.path : [...issue.path, unknown]
      const name = keys.map(String).join('.')
      if (unknown === undefined) {
        const value = document.getIn(keys as string[])
        const given = typeof value === 'string' || typeof value === 'number' ? ` (${JSON.stringify(value)})` : ''
        return fault(keys, `${name || 'the file'}${given}: ${lowerFirst(issue.message)}`)
      }
      const known = keysAt(schema, issue.path)
      const near = nearest(unknown, known)[0]
      return fault(keys, `there is no key ${name}; ${near ? `the nearest is ${near}` : `keys are ${known.join(', ')}`}`)
    },
  }
}

/** Where the first key stands that its map has already. */
function repeatedKey(document: Document): number | undefined {
  let found: number | undefined
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) found = key.range?.[0]
        if (found !== undefined) return visit.BREAK
        seen.add(key.value)
      }
      return undefined
    },
  })
  return found
}

/** @throws EtlError for an alias of nothing, and for aliases that stand for too much */
function plainValue(document: Document, wrong: (message: string, offset?: number) => EtlError): unknown {
  try {
    return document.toJS() as unknown
  } catch (error) {
    let at: number | undefined
    visit(document, {
      Alias(_, node) {
        if (node.resolve(document) !== undefined) return undefined
        at = node.range?.[0]
        return visit.BREAK
      },
    })
    throw wrong((error as Error).message, at)
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

function invalid(path: string, line: number | undefined, message: string): EtlError {
  const look =
    line === undefined ? `ls -l ${shellWord(path)}` : `sed -n ${line}p ${shellWord(path)}   # the line to mend`
  return new EtlError(message, { code: 'CONFIG_INVALID', suggestions: [look] })
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`
}
