import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { MOST_TEMPLATE_BYTES, stackTemplate } from '../../../../../src/lib/adapters/aws/stack/template.js'

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../../../templates/${name}`, import.meta.url), 'utf8')
const [stack, workflow, look] = await Promise.all([
  read('stack.yaml'),
  read('workflow.asl.json'),
  read('look.asl.json'),
])
const workflows = { WORKFLOW: workflow, LOOK: look }

test('the workflows that are deployed are the files, and there is room for more', () => {
  const template = stackTemplate(stack, workflows)
  const document = parseDocument(template, { logLevel: 'silent' })
  for (const [name, text] of [
    ['Workflow', workflow],
    ['Looks', look],
  ] as const) {
    const definition = document.getIn(['Resources', name, 'Properties', 'DefinitionString'])
    expect(JSON.parse(String(definition))).toEqual(JSON.parse(text))
  }
  expect(Buffer.byteLength(template)).toBeLessThan(MOST_TEMPLATE_BYTES * 0.9)
})

test('every substitution of a workflow has its value in the template', () => {
  const given = [...stack.matchAll(/DefinitionSubstitutions:\n((?: {8}\w+: .*\n)+)/g)]
  for (const [at, text] of [workflow, look].entries()) {
    const asked = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
    const names = [...(given[at]?.[1] ?? '').matchAll(/^ *(\w+):/gm)].map(([, name]) => name)
    expect(names.sort()).toEqual([...asked].sort())
  }
})

test('what is larger than a call may hold, or has no place for a workflow, is no template', () => {
  expect(() => stackTemplate(`${stack}${' '.repeat(MOST_TEMPLATE_BYTES)}`, workflows)).toThrow(
    'bytes with its workflow',
  )
  for (const place of ['WORKFLOW', 'LOOK'])
    expect(() => stackTemplate(stack.replace(`: ${place}\n`, ': ELSE\n'), workflows)).toThrow(`no place for ${place}`)
})
