import { EtlError } from '../../../core/errors.js'

/** The most bytes of a template that a call may hold (CloudFormation, "TemplateBody"); a bucket to put a larger one in there is not yet. */
export const MOST_TEMPLATE_BYTES = 51_200

/**
 * The template as CloudFormation is given it: the workflow stands in it as a text, so that neither needs a bucket beforehand.
 * @param stack templates/stack.yaml
 * @param workflow templates/workflow.asl.json
 */
export function stackTemplate(stack: string, workflow: string): string {
  const definition = JSON.stringify(JSON.stringify(JSON.parse(workflow)))
  const template = withoutComments(stack).replace(
    /^( *DefinitionString: )WORKFLOW$/m,
    (_, key: string) => key + definition,
  )
  const bytes = Buffer.byteLength(template)
  if (bytes <= MOST_TEMPLATE_BYTES && template.includes(definition)) return template
  throw new EtlError(`the template has ${bytes} bytes with its workflow, of ${MOST_TEMPLATE_BYTES}`, { code: 'BUG' })
}

/** Lines of comments alone: they are for whoever reads the file. */
function withoutComments(text: string): string {
  return text.replaceAll(/^ *#.*\n/gm, '')
}
