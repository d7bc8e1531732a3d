/** Replaces the password in every URL of a text. */
export function maskSecrets(text: string): string {
  // As a user types it: anything up to the last @ before the host, even where the password holds a slash or an @.
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s:@/]*):([^\s]*)@/gi, '$1$2:***@')
}

/** True for a URL that holds a password. */
export function holdsPassword(spec: string): boolean {
  return maskSecrets(spec) !== spec
}
