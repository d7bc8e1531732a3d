import type { AwsClients } from './adapters/aws/clients.js'
import { EtlError } from './core/errors.js'
import type { Stack } from './ports/stack.js'
import { commonRuntime, sqlTexts } from './runtime-common.js'
import type { Runtime } from './runtime-ports.js'
import type { AwsSettings } from './runtime-settings.js'

/** The adapters of a target on AWS; each client is loaded when it is asked for. */
export function awsRuntime(settings: AwsSettings): Runtime {
  const common = commonRuntime(settings)
  let made: Promise<AwsClients> | undefined
  const clients = (): Promise<AwsClients> => {
    made ??= import('./adapters/aws/clients.js').then(({ AwsClients }) => {
      const { region, profile, endpoint_url: endpoint } = settings
      return new AwsClients({ region, profile, endpoint })
    })
    return made
  }
  return {
    ...common,
    orchestrator: () => notYet('run'),
    runs: () => notYet('runs'),
    launcher: () => notYet('run --detach'),
    sourceCheck: () => notYet('the comparison with the live source'),
    audit: () => notYet('verify'),
    warehouse: () => notYet('query'),
    bookmarkChanges: () => notYet('bookmarks reset'),
    bookmarkAudit: () => notYet('bookmarks audit'),
    trace: () => notYet('trace'),
    doctor: () => notYet('doctor'),
    stack: async () => makeStack(settings, await clients()),
  }
}

async function makeStack(settings: AwsSettings, clients: AwsClients): Promise<Stack> {
  const [
    { AwsStack },
    { stackTemplate },
    { stackParameters },
    { releaseFiles },
    { releaseOf },
    { readTemplate },
    jobs,
  ] = await Promise.all([
    import('./adapters/aws/stack/stack.js'),
    import('./adapters/aws/stack/template.js'),
    import('./adapters/aws/stack/parameters.js'),
    import('./adapters/aws/stack/release-files.js'),
    import('./core/release/release.js'),
    import('./adapters/files/text-file.js'),
    import('./adapters/files/job-files.js'),
  ])
  const [curated, ledger, presentation] = await Promise.all(
    (['curated', 'ledger', 'presentation'] as const).map(sqlTexts),
  )
  const document = releaseOf({ curated: curated ?? {}, ledger: ledger ?? {}, presentation: presentation ?? {} })
  const release = releaseFiles(await jobs.readJobFiles(), document)
  const { stack, bucket } = settings
  return new AwsStack({
    ...{ clients, stack, bucket, release },
    template: stackTemplate(await readTemplate('stack.yaml'), await readTemplate('workflow.asl.json')),
    parameters: (scheduled) => stackParameters(settings, { prefix: release.prefix, scheduled }),
    warehouse: document.make,
    send: () => notYet('the warehouse'),
    now: () => new Date(),
  })
}

async function notYet(what: string): Promise<never> {
  throw new EtlError(`${what} is not in this version for a target on AWS`, {
    code: 'USAGE',
    suggestions: ['rental-etl --help'],
  })
}
