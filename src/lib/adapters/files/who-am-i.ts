import { hostname, userInfo } from 'node:os'

/** Who works here, as `user@host`; in a container the user may have no name. */
export function whoAmI(): string {
  let user: string
  try {
    user = userInfo().username
  } catch {
    user = String(process.getuid?.() ?? 'unknown')
  }
  return `${user}@${hostname()}`
}
