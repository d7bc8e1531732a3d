import { applied, type Fold, type Folded, layerOf, type Step } from './fold.js'
import type { JobLine } from './job-line.js'

/** A line of a job's output, and when it was written. */
export interface JobOutput {
  at: Date
  line: JobLine
}

/** Folds one line of the output of the job that is going on. Pure; the given state is not changed. */
export function foldOutput(fold: Fold, { at, line }: JobOutput): Folded {
  return applied(fold, at, step(fold, line))
}

/** The layer is that of the state that runs the job, whatever the line says. */
function step(fold: Fold, line: JobLine): Step {
  const layer = layerOf(fold.state)
  if (!layer) return {}
  switch (line.event) {
    case 'failed': {
      const { code, message, suggestions } = line
      return { change: { said: { code, message, suggestions } } }
    }
    case 'table_done': {
      const tables = [...fold.tables, line.flow.table]
      return { change: { tables }, events: [{ type: 'table_done', layer, flow: line.flow }] }
    }
    case 'table_progress': {
      const { table, rows, step } = line
      return { events: [{ type: 'table_progress', layer, table, rows, step }] }
    }
    case 'log':
      return { events: [{ type: 'log', layer, level: line.level, message: line.message }] }
  }
}
