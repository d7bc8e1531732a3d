import type { Guards } from '../../../core/run/guards.js'
import type { JobArguments, Jobs } from '../workflow/job.js'
import { curatedLayer } from './curated-layer.js'
import { type ExtractRequest, extractRaw } from './extract-raw.js'
import { loadRaw } from './load-raw.js'

export interface JobSettings {
  home: string
  guards: Guards
  sourceFolder(signal: AbortSignal, scratch?: string): Promise<string>
}

/** The local jobs by their Glue names. Arguments are text, as Glue passes them. */
export function createJobs(settings: JobSettings): Jobs {
  return {
    extract_raw: async (args, context) => {
      await extractRaw(extractRequest(args), settings, context)
    },
    s3_to_redshift_raw: (args, context) =>
      loadRaw({ manifestRun: args['--manifest_run'] || argument(args, '--run_id') }, settings, context),
    redshift_raw_to_curated: (args, context) =>
      curatedLayer(
        {
          runId: argument(args, '--run_id'),
          asOf: argument(args, '--as_of'),
          rebuild: args['--rebuild_curated'] === 'true',
        },
        settings,
        context,
      ),
  }
}

function extractRequest(args: JobArguments): ExtractRequest {
  return {
    runId: argument(args, '--run_id'),
    asOf: argument(args, '--as_of'),
    reconcile: args['--reconcile'] !== 'never',
    fullRefresh: args['--full_refresh'] === 'true',
    allowDeletes: args['--allow_deletes'] === 'true',
  }
}

function argument(args: JobArguments, name: string): string {
  const value = args[name]
  if (!value) throw new Error(`job argument ${name} is missing`)
  return value
}
