export type TargetKind = 'local' | 'aws'

/** A row of the table of settings. */
export interface SettingRow {
  /** As `config explain` names it, and where it stands in a target; `target` itself stands above the targets. */
  key: string
  /** The kind of the targets that have it; without it, all have. */
  kind?: TargetKind
  /** A flag of every command; it is called as the key, with dashes. */
  flag?: { char?: string; helpValue: string }
  env?: string
  /** A share is from 0 to 1, a count is whole and not negative. */
  takes: 'text' | 'share' | 'count'
  /** What a text must be. @throws Error with the reason */
  check?: (text: string) => unknown
  /** Null where there is none. */
  default: string | number | null
  /** The kind whose default it is, where one of another kind has to be given. */
  defaultOf?: TargetKind
  /** What the documentation says of the default, where the value alone does not. */
  defaultText?: string
  /** For the template, where there is no default. */
  example?: string
  /** What it is, in a line; Markdown. */
  summary: string
  /** Flags of single commands that stand above it. */
  above?: string
}
