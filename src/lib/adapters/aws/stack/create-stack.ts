import { grantStatements } from '../../../core/release/redshift-tables.js'
import { releaseOf } from '../../../core/release/release.js'
import type { CuratedTexts } from '../../../core/sql/curated-script.js'
import type { Stack } from '../../../ports/stack.js'
import { readJobFiles } from '../../files/job-files.js'
import { readTemplate } from '../../files/text-file.js'
import type { AwsClients } from '../clients.js'
import { WarehouseMaker } from '../redshift/make.js'
import { type StackSettings, stackParameters } from './parameters.js'
import { releaseFiles } from './release-files.js'
import { AwsStack } from './stack.js'
import { stackTemplate } from './template.js'

/** That of the template. */
const LOADER = 'rental_loader'

/** The stack of a target, by its settings and the files that come with this version. */
export async function createStack(
  settings: StackSettings & { stack: string },
  clients: AwsClients,
  texts: Required<CuratedTexts>,
): Promise<Stack> {
  const document = releaseOf(texts)
  const release = releaseFiles(await readJobFiles(), document)
  const { stack, bucket, redshift, parameters } = settings
  const maker = new WarehouseMaker(redshift, clients)
  // With a secret, operators and jobs are one user, who owns what is made.
  const loader = redshift.secret === undefined ? (parameters['LoaderDbRole'] ?? LOADER) : undefined
  const readers = (redshift.readers ?? '').split(',').flatMap((name) => name.trim() || [])
  const grants = grantStatements({ loader, readers })
  return new AwsStack({
    ...{ clients, stack, bucket, release },
    template: stackTemplate(await readTemplate('stack.yaml'), {
      WORKFLOW: await readTemplate('workflow.asl.json'),
      LOOK: await readTemplate('look.asl.json'),
    }),
    parameters: (scheduled) => stackParameters(settings, { prefix: release.prefix, scheduled }),
    warehouse: grants.length > 0 ? [...document.make, grants] : document.make,
    prepare: async (signal) => {
      for (const role of [...(loader === undefined ? [] : [loader]), ...readers]) await maker.role(role, signal)
    },
    send: (statements, signal) => maker.send(statements, signal),
    now: () => new Date(),
  })
}
