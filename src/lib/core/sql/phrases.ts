import { filled, type Places } from './script.js'

const CONFIRMED = `'confirmed'`
/** Letter case is that of ASCII alone; `lower` of the engines knows other letters, too. */
const LOWER_STATUS = `translate(booking_status, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`

/** What several files under sql/ say in the same words, each in its `{{…}}`; `booking_status` and `currency` are those of raw. */
const PHRASES: Places = {
  confirmed: CONFIRMED,
  lower_status: LOWER_STATUS,
  // Equality on the normalised status: 'unconfirmed' is not confirmed. `lower` is faster, and only decides whether a
  // status has to be looked at.
  is_confirmed: `case
        when booking_status = ${CONFIRMED} then true
        when lower(booking_status) = ${CONFIRMED} then ${LOWER_STATUS} = ${CONFIRMED}
        else false
    end`,
  // `upper` is faster, and only decides whether a currency has to be looked at.
  upper_currency: `case
        when currency is null then 'XXX'
        when currency = upper(currency) then currency
        else translate(currency, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
    end`,
}

/** The text of a file under sql/ with its phrases in full. @throws Error for one that there is not */
export function withPhrases(name: string, text: string): string {
  return filled({ name, sql: text }, PHRASES)
}
