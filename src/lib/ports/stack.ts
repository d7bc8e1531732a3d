/** A resource of the stack that an update touches, as far as the two templates and their parameters tell. */
export interface ResourceChange {
  action: 'add' | 'modify' | 'remove'
  /** Name in the template, and its type, such as `AWS::Glue::Job`. */
  resource: string
  type: string
}

/** What `bootstrap` would do; nothing was done for it. */
export interface StackPlan {
  stack: string
  /** State of the stack as CloudFormation calls it; null where there is none. */
  status: string | null
  /** Nothing is left to do. */
  unchanged: boolean
  /** Parameters that would be another; `from` is null for one that is new. */
  parameters: readonly { name: string; from: string | null; to: string }[]
  changes: readonly ResourceChange[]
  /** Keys that would be uploaded. */
  uploads: readonly string[]
  /** Statements that would be sent to the warehouse; 0 where they were, for this release. */
  statements: number
}

/** What happens while a plan is carried out. */
export type StackEvent =
  | { type: 'step'; message: string }
  | { type: 'resource'; resource: string; status: string; reason: string | null }

export interface StackStatus {
  stack: string
  /** As CloudFormation calls it; null where there is none. */
  status: string | null
  outputs: Readonly<Record<string, string>>
  parameters: Readonly<Record<string, string>>
}

/** The resources that a target needs beside database, warehouse and network. */
export interface Stack {
  /** Changes nothing. @throws EtlError ACCESS */
  plan(signal: AbortSignal): Promise<StackPlan>
  /**
   * Brings stack, release and warehouse up to this version of the tool; done again, it goes on. The schedule of a new stack is
   * switched on last, when all else is there. Where nothing is left to do, nothing is called that could change anything.
   * @throws EtlError ACCESS; JOB_FAILED with the first resource that failed and why; LOCKED while another update goes on
   */
  apply(signal: AbortSignal): AsyncGenerator<StackEvent, void>
  status(signal: AbortSignal): Promise<StackStatus>
}
