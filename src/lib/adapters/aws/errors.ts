import { EtlError } from '../../core/errors.js'
import { shellWord } from '../../core/words/shell-word.js'

/** Where and as whom the services are called; what is not given is as the AWS CLI has it. */
export interface AwsPlace {
  region?: string | undefined
  /** Of ~/.aws/config and ~/.aws/credentials. */
  profile?: string | undefined
  /** In place of the services' own addresses. */
  endpoint?: string | undefined
}

/** What a call was about. */
export interface AwsCall {
  /** As the console calls it. */
  service: string
  /** As IAM calls it, such as `StartExecution`. */
  action: string
  place: AwsPlace
}

interface Thrown {
  name?: string
  message?: string
  code?: string
  $metadata?: { httpStatusCode?: number }
}

/** Keys that are none, are over, or are for something else. */
const BAD_KEYS = new Set([
  ...['CredentialsProviderError', 'TokenProviderError', 'CredentialUnavailableException'],
  ...['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'InvalidClientTokenId', 'UnrecognizedClientException'],
  ...['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidSignatureException', 'AuthFailure', 'InvalidToken'],
  ...['MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
])
const REFUSED = new Set(['AccessDenied', 'AccessDeniedException', 'AuthorizationErrorException', 'AuthorizationError'])
const TOO_MANY = new Set([
  ...['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown'],
  ...[
    'ProvisionedThroughputExceededException',
    'ActiveStatementsExceededException',
    'ResourceNumberLimitExceededException',
  ],
])
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'],
  ...['TimeoutError', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
])

/**
 * What a call of a service threw, as an error of ours where somebody can mend it: keys and rights (77, with the action and the
 * resource), what is not reached, and what is asked too often (74). Whatever else the service says of the call itself
 * is returned as it is, for whoever made it.
 */
export function awsError(thrown: unknown, call: AwsCall): unknown {
  if (thrown instanceof EtlError || isAborted(thrown)) return thrown
  const error = thrown as Thrown
  const name = error.name ?? ''
  const message = (error.message ?? String(thrown)).trim()
  const made = (text: string, code: 'ACCESS' | 'IO' | 'USAGE', suggestions: string[]): EtlError =>
    new EtlError(text, { code, suggestions, cause: thrown })
  if (/region is missing/i.test(message)) {
    return made(`no region is given for ${call.service}`, 'USAGE', [
      'export AWS_REGION=eu-west-1   # or region in the target, or --region',
    ])
  }
  if (BAD_KEYS.has(name) || isSsoOver(message))
    return made(`${call.service}: ${keyText(name, message)}`, 'ACCESS', logIn(call.place))
  if (REFUSED.has(name) || name === '403' || error.$metadata?.httpStatusCode === 403)
    return made(refusalText(message, call), 'ACCESS', [
      'rental-etl doctor   # what this user may do, and what is missing',
      ...whoAmI(call.place),
    ])
  if (TOO_MANY.has(name)) return made(`${call.service} takes no more calls just now (${name}): ${message}`, 'IO', [])
  if (UNREACHABLE.has(error.code ?? '') || UNREACHABLE.has(name)) {
    const where = call.place.endpoint ?? `region ${call.place.region ?? 'of the profile'}`
    return made(`${call.service} cannot be reached (${where}): ${message || error.code}`, 'IO', ['rental-etl doctor'])
  }
  return thrown
}

/** True for an error of the service with one of these names. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

function isAborted(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError'
}

function isSsoOver(message: string): boolean {
  return /\bSSO\b.*(expired|invalid|log ?in)|Token is expired/i.test(message)
}

function keyText(name: string, message: string): string {
  if (/expired/i.test(name + message) && !/not/i.test(name)) return `the credentials have expired: ${message}`
  if (/could not load credentials|no credentials/i.test(message)) return 'there are no credentials'
  return `the credentials are not taken: ${message}`
}

/** IAM names who, what and where; some services only say no. */
function refusalText(message: string, { service, action }: AwsCall): string {
  const [, who, what, where] =
    /User: (\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+?))?(?: because|\s|$)/.exec(message) ?? []
  if (what) return `${who} may not ${what}${where ? ` on ${where}` : ''}`
  return `${service} refuses ${action}: ${message || 'access denied'}`
}

function logIn({ profile }: AwsPlace): string[] {
  const flag = profile === undefined ? '' : ` --profile ${shellWord(profile)}`
  return [`aws sso login${flag}   # or new keys in the environment`, ...whoAmI({ profile })]
}

function whoAmI({ profile }: AwsPlace): string[] {
  return [`aws sts get-caller-identity${profile === undefined ? '' : ` --profile ${shellWord(profile)}`}`]
}
