import { z } from 'zod'
import { SETTINGS, type Setting, type TargetKind } from '../../core/config/settings.js'
import { SOURCE_TABLES } from '../../core/model.js'

/** A text that a function of ours takes, with that function's words where it does not. */
function takenBy(check: (text: string) => unknown): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      check(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  }) as unknown as z.ZodString
}

/** The schema of a setting's value in the file. */
function valueSchema({ takes, check }: Setting): z.ZodType {
  if (takes === 'share') return z.number().min(0).max(1)
  if (takes === 'count') return z.number().int().min(0)
  return check ? takenBy(check) : z.string().min(1)
}

/** The keys of a target, from the table of settings; `guards.max_deleted` stands in an object of its own. */
function targetShape(): z.ZodRawShape {
  const shape: Record<string, z.ZodType> = {}
  const groups: Record<string, Record<string, z.ZodType>> = {}
  for (const row of SETTINGS) {
    const [name = '', last] = row.key.split('.')
    if (row.key === 'target') continue
    if (last === undefined) shape[name] = valueSchema(row).optional()
    else groups[name] = { ...groups[name], [last]: valueSchema(row).optional() }
  }
  const nested = Object.entries(groups).map(([name, keys]) => [name, z.strictObject(keys).optional()])
  return { ...shape, ...Object.fromEntries(nested) }
}

/** What a source calls a file or table: no path. */
const sourceName = z.string().regex(/^[^/\\\0]+$/, 'it is the name of a file without .csv, or of a table')

const mapping = z.strictObject(
  Object.fromEntries(
    SOURCE_TABLES.map(({ name, columns }) => {
      const expressions = z.strictObject(
        Object.fromEntries(columns.map((column) => [column.name, z.string().min(1).optional()])),
      )
      return [name, z.strictObject({ table: sourceName.optional(), columns: expressions.optional() }).optional()]
    }),
  ),
)

const KINDS: readonly TargetKind[] = ['local', 'aws']

/** Which settings a kind of target has beside those of all; of a group, its name. */
const OF_KIND = new Map(
  (SETTINGS as readonly Setting[]).flatMap(({ key, kind }) =>
    kind ? [[key.split('.')[0] as string, kind] as const] : [],
  ),
)
OF_KIND.set('mapping', 'local').set('parameters', 'aws')

const parameters = z.record(
  z.string().regex(/^[A-Za-z0-9]+$/, 'it is a parameter of the stack'),
  z.union([z.string(), z.number()]),
)

const target = z
  .strictObject({
    kind: z
      .string()
      .default('local')
      .superRefine((kind, context) => {
        if (!KINDS.some((known) => known === kind))
          context.addIssue({ code: 'custom', message: 'it takes local or aws' })
      })
      .transform((kind) => kind as TargetKind),
    ...targetShape(),
    mapping: mapping.optional(),
    parameters: parameters.optional(),
  })
  .superRefine((value, context) => {
    for (const key of Object.keys(value)) {
      const kind = OF_KIND.get(key)
      if (kind !== undefined && kind !== value.kind)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `it is for targets of kind ${kind}, and this one is ${value.kind}`,
        })
    }
  })

/** rental-etl.yml. */
export const configSchema = z.strictObject({
  target: z.string().min(1).optional(),
  targets: z.record(z.string(), target).optional(),
})

const severity = z.enum(['error', 'warn', 'info'])
const allowed = z.number().int().min(0)

/** quality.yml: other severities and thresholds, and rules of the user's own. */
export const qualitySchema = z.strictObject({
  rules: z
    .record(
      z.string(),
      z.strictObject({ severity: z.enum(['error', 'warn', 'info', 'off']).optional(), allowed: allowed.optional() }),
    )
    .optional(),
  add: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'a name takes a-z, 0-9 and _'),
        severity,
        message: z.string().min(1),
        sql: z.string().min(1),
        allowed: allowed.optional(),
      }),
    )
    .optional(),
})

/** The keys that a schema knows at a path. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema
  for (const step of path) {
    at = bare(at)
    if (at instanceof z.ZodObject) at = at.shape[String(step)]
    else if (at instanceof z.ZodRecord) at = at.valueType
    else if (at instanceof z.ZodArray) at = at.element
  }
  const object = bare(at)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function bare(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? bare(schema.unwrap()) : schema
}
