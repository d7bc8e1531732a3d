import type { Jobs } from '../workflow/job.js'
import { curatedLayer } from './curated-layer.js'
import { type ExtractSettings, extractRaw } from './extract-raw.js'
import { loadRaw } from './load-raw.js'

/** The local jobs by their Glue names. */
export function createJobs(settings: ExtractSettings): Jobs {
  return {
    extract_raw: async (request, context) => {
      await extractRaw(request, settings, context)
    },
    s3_to_redshift_raw: (request, context) => loadRaw(request, settings, context),
    redshift_raw_to_curated: (request, context) => curatedLayer(request, settings, context),
  }
}
