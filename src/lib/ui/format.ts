/** Milliseconds as `0.4 s`, `12 s`, `2m 5s`, `1h 2m`. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`
}

/** How long ago a moment was: `12 s ago`, `3 h ago`, `5 d ago`; further back, and ahead of the clock, the day itself. */
export function ageText(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / 1000)
  if (seconds < -60) return at.slice(0, 16).replace('T', ' ')
  if (seconds < 60) return `${Math.max(0, seconds)} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days < 60 ? `${days} d ago` : at.slice(0, 10)
}
