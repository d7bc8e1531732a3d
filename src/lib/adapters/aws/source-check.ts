import { EtlError } from '../../core/errors.js'
import type { TableFlow } from '../../core/run/run.js'
import { type CheckResult, skipped } from '../../core/verify/verify.js'
import type { SourceCheck } from '../../ports/source-check.js'

const NOT_READ = 'the live source of a target on AWS is read by its job alone, in this version'

/** The source is reached from its own network, and not from here: what would look at it says that it does not. */
export class AwsSourceCheck implements SourceCheck {
  async plan(): Promise<TableFlow[]> {
    throw new EtlError(`run --dry-run: ${NOT_READ}`, {
      code: 'USAGE',
      suggestions: ['rental-etl run --to extract   # finds what differs, and leaves raw as it is'],
    })
  }

  async compare(): Promise<CheckResult[]> {
    return [skipped('source_content', 'checksum', NOT_READ)]
  }

  async count(): Promise<CheckResult[]> {
    return [skipped('source_rows', 'freshness', NOT_READ)]
  }

  async lineOf(): Promise<undefined> {
    return undefined
  }
}
