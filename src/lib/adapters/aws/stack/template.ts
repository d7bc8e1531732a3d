import { EtlError } from '../../../core/errors.js'

/** The most bytes of a template that a call may hold (CloudFormation, "TemplateBody"); a bucket to put a larger one in there is not yet. */
export const MOST_TEMPLATE_BYTES = 51_200

/**
 * The template as CloudFormation is given it: the workflows stand in it as texts, so that neither needs a bucket beforehand.
 * @param stack templates/stack.yaml
 * @param workflows the files of templates/ that are workflows, by what stands for each in the template
 */
export function stackTemplate(stack: string, workflows: Readonly<Record<'WORKFLOW' | 'LOOK', string>>): string {
  let template = withoutComments(stack)
  for (const [place, text] of Object.entries(workflows)) {
    const definition = JSON.stringify(JSON.stringify(JSON.parse(text)))
    const line = new RegExp(`^( *DefinitionString: )${place}$`, 'm')
    if (!line.test(template)) throw new EtlError(`the template has no place for ${place}`, { code: 'BUG' })
    template = template.replace(line, (_, key: string) => key + definition)
  }
  const bytes = Buffer.byteLength(template)
  if (bytes <= MOST_TEMPLATE_BYTES) return template
  throw new EtlError(`the template has ${bytes} bytes with its workflows, of ${MOST_TEMPLATE_BYTES}`, { code: 'BUG' })
}

/** Lines of comments alone: they are for whoever reads the file. */
function withoutComments(text: string): string {
  return text.replaceAll(/^ *#.*\n/gm, '')
}
