import type { RunRequest } from '../../core/run/request.js'
import type { TableFlow } from '../../core/run/run.js'
import type { Planner } from '../../ports/planner.js'
import { inScratch } from './home/files.js'
import { type ExtractSettings, extractRaw } from './jobs/extract-raw.js'

/** Does the extract into a folder outside the home, so that nothing in it is changed. */
export class LocalPlanner implements Planner {
  constructor(private readonly settings: ExtractSettings) {}

  async plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]> {
    return inScratch((scratch) => extractRaw(request, this.settings, { emit: () => undefined, signal }, { scratch }))
  }
}
