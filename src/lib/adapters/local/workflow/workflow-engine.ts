import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Does what a `Resource` of a Task state stands for: the state's `Parameters` in, the task's output out. */
export type WorkflowTask = (parameters: { [key: string]: Json }, state: string) => Promise<Json>

export interface Workflow {
  States: Record<string, { Type: string; Resource?: string; TimeoutSeconds?: number }>
}

export interface Execution {
  /** `$$.Execution.Name`. */
  name: string
  input: { [key: string]: Json }
  /** By `Resource`. */
  tasks: Readonly<Record<string, WorkflowTask>>
  /** Ends the execution; it returns once the task under way has ended, too. */
  signal?: AbortSignal
  /** Replaces every wait between two tries; for tests. */
  retryDelayMs?: number
}

export type ExecutionOutcome =
  | { status: 'succeeded'; output: Json }
  | { status: 'failed'; error: string; cause: string }
  | { status: 'aborted' }

/** Values of the `${…}` in the workflow file: what CloudFormation's DefinitionSubstitutions hold on aws. */
export const LOCAL_SUBSTITUTIONS = {
  ExtractJobName: 'extract_raw',
  LoadJobName: 's3_to_redshift_raw',
  CuratedJobName: 'redshift_raw_to_curated',
  TopicArn: 'notices.jsonl',
  JobTimeoutMinutes: '2880',
}

// The engine ends a task after 60 seconds unless its state says otherwise; on aws Glue's own timeout counts.
const TASK_TIMEOUT_SECONDS = 2_000_000

/** The workflow file with its `${…}` filled in. @throws Error for one without a value */
export async function readWorkflow(substitutions: Readonly<Record<string, string>>): Promise<Workflow> {
  const path = fileURLToPath(new URL('../../../../../templates/workflow.asl.json', import.meta.url))
  const text = (await readFile(path, 'utf8')).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = substitutions[name]
    if (value === undefined) throw new Error(`the workflow asks for \${${name}}, which has no value`)
    return JSON.stringify(value).slice(1, -1)
  })
  return JSON.parse(text) as Workflow
}

/** Executes a workflow in this process. A failure is an outcome, not an exception. */
export async function executeWorkflow(workflow: Workflow, execution: Execution): Promise<ExecutionOutcome> {
  const { ExecutionAbortedError, ExecutionError, StateMachine } = await import('aws-local-stepfunctions')
  const running = new Set<Promise<Json>>()
  const states = Object.entries(workflow.States).filter(([, state]) => state.Type === 'Task')
  const handlers = states.map(([name, state]) => {
    const task = execution.tasks[state.Resource ?? '']
    if (!task) throw new Error(`nothing does ${state.Resource}, the resource of state ${name}`)
    const handler = (parameters: Json): Promise<Json> => {
      const work = task(parameters as { [key: string]: Json }, name)
      running.add(work)
      return work.finally(() => running.delete(work))
    }
    return [name, handler] as const
  })
  const delay = execution.retryDelayMs
  // The file is valid: a test says so, and validating it again would cost each start.
  const machine = new StateMachine(withTimeouts(workflow) as never, { validationOptions: { noValidate: true } })
  const { result, abort } = machine.run(execution.input, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(handlers),
      ...(delay === undefined
        ? {}
        : { retryIntervalOverrides: Object.fromEntries(states.map(([name]) => [name, delay])) }),
    },
    context: { Execution: { Name: execution.name } },
  })
  execution.signal?.addEventListener('abort', abort, { once: true })
  if (execution.signal?.aborted) abort()
  try {
    return { status: 'succeeded', output: (await result) as Json }
  } catch (error) {
    if (error instanceof ExecutionAbortedError) return { status: 'aborted' }
    if (!(error instanceof ExecutionError)) throw error
    const { name, message } = error.cause as Error
    return { status: 'failed', error: name, cause: message }
  } finally {
    execution.signal?.removeEventListener('abort', abort)
    // An abort leaves the task under way behind: it must have stopped before anyone may go on.
    await Promise.allSettled(running)
  }
}

function withTimeouts(workflow: Workflow): Workflow {
  const states = Object.entries(workflow.States).map(([name, state]) => [
    name,
    state.Type === 'Task' ? { TimeoutSeconds: TASK_TIMEOUT_SECONDS, ...state } : state,
  ])
  return { ...workflow, States: Object.fromEntries(states) }
}
