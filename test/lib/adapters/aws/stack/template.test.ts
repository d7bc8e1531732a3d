import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { MOST_TEMPLATE_BYTES, stackTemplate } from '../../../../../src/lib/adapters/aws/stack/template.js'

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../../../templates/${name}`, import.meta.url), 'utf8')
const [stack, workflow] = await Promise.all([read('stack.yaml'), read('workflow.asl.json')])

test('the workflow that is deployed is the file that runs here, and there is room for more', () => {
  const template = stackTemplate(stack, workflow)
  const definition = parseDocument(template, { logLevel: 'silent' }).getIn([
    ...['Resources', 'Workflow', 'Properties', 'DefinitionString'],
  ])
  expect(JSON.parse(String(definition))).toEqual(JSON.parse(workflow))
  expect(Buffer.byteLength(template)).toBeLessThan(MOST_TEMPLATE_BYTES * 0.9)
})

test('every substitution of the workflow has its value in the template', () => {
  const asked = new Set([...workflow.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
  const given = /DefinitionSubstitutions:\n((?: {8}\w+: .*\n)+)/.exec(stack)?.[1] ?? ''
  expect([...given.matchAll(/^ *(\w+):/gm)].map(([, name]) => name).sort()).toEqual([...asked].sort())
})

test('what is larger than a call may hold, or has no place for the workflow, is no template', () => {
  expect(() => stackTemplate(`${stack}${' '.repeat(MOST_TEMPLATE_BYTES)}`, workflow)).toThrow('bytes with its workflow')
  expect(() => stackTemplate(stack.replace('WORKFLOW', 'ELSE'), workflow)).toThrow('bytes with its workflow')
})
