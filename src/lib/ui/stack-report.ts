import { countText } from '../core/words/count-text.js'
import type { StackEvent, StackPlan, StackStatus } from '../ports/stack.js'
import { paint } from './paint.js'

const SIGNS = { add: '+', modify: '~', remove: '-' } as const
const COLOURS = { add: 'green', modify: 'yellow', remove: 'red' } as const

/** What bootstrap would do, a line for each resource and parameter. */
export function stackPlanReport(plan: StackPlan): string {
  const { stack, status, unchanged, changes, parameters, uploads, statements } = plan
  if (unchanged) return `stack ${stack} is ${status}, and as this version makes it: nothing to do`
  const resources = changes.map(
    ({ action, resource, type }) => `${paint(COLOURS[action], `  ${SIGNS[action]} ${resource.padEnd(18)}`)} ${type}`,
  )
  // Of a new stack all are new.
  const others =
    status === null ? [] : parameters.map(({ name, from, to }) => `    ${name}: ${from ?? '(none)'} → ${to}`)
  return [
    `stack ${stack}${status === null ? ' is new' : `, ${status}`}`,
    ...resources,
    ...(others.length > 0 ? ['  parameters', ...others] : []),
    ...(uploads.length > 0 ? [`  ${countText(uploads.length)} files of the release are uploaded`] : []),
    ...(statements > 0
      ? [`  ${countText(statements)} statements make what the warehouse lacks; none removes anything`]
      : []),
  ].join('\n')
}

/** A step, or what has become of a resource. */
export function stackEventLine(event: StackEvent): string {
  if (event.type === 'step') return event.message
  const { resource, status, reason } = event
  const colour = status.endsWith('FAILED') ? 'red' : status.includes('ROLLBACK') ? 'yellow' : 'dim'
  return `  ${paint(colour, status.toLowerCase().replaceAll('_', ' ').padEnd(20))} ${resource}${reason === null ? '' : `: ${reason}`}`
}

/** What the stack has made, for whoever looks for it there. */
export function stackStatusReport({ stack, status, outputs, parameters }: StackStatus): string {
  if (status === null) return `there is no stack ${stack}`
  const schedule = `${parameters['ScheduleName'] ?? 'the schedule'} ${parameters['ScheduleExpression'] ?? ''} UTC, ${(parameters['ScheduleState'] ?? '').toLowerCase()}`
  const named = Object.entries(outputs).map(([name, value]) => `  ${name.padEnd(14)} ${value}`)
  return [`stack ${stack}: ${status}`, ...named, `  ${'Schedule'.padEnd(14)} ${schedule}`].join('\n')
}
