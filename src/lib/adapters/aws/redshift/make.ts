import { EtlError } from '../../../core/errors.js'
import { ident } from '../../../core/sql/names.js'
import { DataApi, type RedshiftClients } from './data-api.js'
import { placeText, type RedshiftPlace, StatementFailed } from './errors.js'

/** Sends what makes the warehouse: statements that change it, and that may be sent again. */
export class WarehouseMaker {
  constructor(
    private readonly place: RedshiftPlace,
    private readonly clients: RedshiftClients,
  ) {}

  /** Statements of one transaction. @throws EtlError ACCESS, JOB_FAILED with Redshift's words */
  async send(statements: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await new DataApi(this.place, this.clients, signal).run(statements)
    } catch (error) {
      throw error instanceof StatementFailed ? this.#told(error) : error
    }
  }

  /** A role of the database; Redshift has no word for one that is there already. */
  async role(name: string, signal: AbortSignal): Promise<void> {
    try {
      await new DataApi(this.place, this.clients, signal).run([`create role ${ident(name)}`])
    } catch (error) {
      if (!(error instanceof StatementFailed)) throw error
      if (!/already exists/i.test(error.said)) throw this.#told(error)
    }
  }

  #told(failed: StatementFailed): EtlError {
    const text = `Redshift (${placeText(this.place)}) does not take what makes the warehouse: ${failed.said}`
    if (!/^permission denied|must be owner/i.test(failed.said))
      return new EtlError(text, { code: 'JOB_FAILED', suggestions: ['rental-etl bootstrap'], cause: failed })
    return new EtlError(text, {
      code: 'ACCESS',
      suggestions: [
        'rental-etl config explain redshift.secret   # the user who owns the tables, for operators and jobs alike',
      ],
      cause: failed,
    })
  }
}
