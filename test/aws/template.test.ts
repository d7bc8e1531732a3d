import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stackTemplate } from '../../src/lib/adapters/aws/stack/template.js'
import { provisionLint } from '../emulator/provision.js'
import { temporaryFolder } from '../support/temporary.js'

const read = (name: string): Promise<string> => readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8')
const template = stackTemplate(await read('stack.yaml'), {
  WORKFLOW: await read('workflow.asl.json'),
  LOOK: await read('look.asl.json'),
})

/** What cfn-lint finds in a template: errors and warnings, one a line. */
async function findings(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'stack.yaml')
  await writeFile(file, text)
  const python = await provisionLint()
  const args = [
    '-c',
    'from cfnlint.runner import main; main()',
    '--format',
    'parseable',
    '--non-zero-exit-code',
    'none',
    file,
  ]
  return await new Promise((resolve, reject) => {
    execFile(python, args, (error, stdout, stderr) => (error ? reject(error) : resolve(stdout + stderr)))
  })
}

test('cfn-lint knows every type and property of the template, and warns of nothing', async () => {
  expect(await findings(template)).toBe('')
})

test('a property that no job has, a value that none of its kind has, a parameter that nothing uses: all are found', async () => {
  const broken = template
    .replace('MaxRetries: 0', 'MaxRetry: 0')
    .replace('StateMachineType: STANDARD', 'StateMachineType: SLOW')
    .replace(/^Conditions:$/m, '  Idle: { Type: String, Default: "" }\nConditions:')
  const found = await findings(broken)
  for (const word of ["'MaxRetry' was unexpected", "'SLOW' is not one of", 'Idle']) expect(found).toContain(word)
})
