/** The commands of the first screen, by what they are for; of a topic, its own name and what stands under it. */
export const COMMAND_GROUPS: readonly { title: string; commands: readonly string[] }[] = [
  { title: 'RUN', commands: ['run', 'watch', 'resume', 'rerun', 'cancel', 'backfill', 'runs', 'logs'] },
  { title: 'DATA', commands: ['verify', 'trace', 'quarantine', 'bookmarks'] },
  { title: 'METRICS', commands: ['metrics', 'query', 'tables', 'export'] },
  {
    title: 'SET-UP',
    commands: [
      'init',
      'doctor',
      'schedule',
      'config explain',
      'bootstrap',
      'status',
      'sample',
      'ci smoke',
      'completion',
      'help',
    ],
  },
]

/** A group for what stands in none, so that a new command is found on the first screen from its first day. */
const OTHER = 'OTHER'

/** Ids of commands, with spaces, in the order of the first screen. A command under another one is told on that one's page. */
export function grouped(ids: readonly string[]): { title: string; commands: string[] }[] {
  const shown = ids.filter((id) => !ids.some((other) => id.startsWith(`${other} `)))
  const known = COMMAND_GROUPS.map(({ title, commands }) => ({
    title,
    commands: commands.filter((id) => shown.includes(id)),
  }))
  const told = known.flatMap(({ commands }) => commands)
  const rest = shown.filter((id) => !told.includes(id)).sort()
  return [...known, { title: OTHER, commands: rest }].filter(({ commands }) => commands.length > 0)
}
