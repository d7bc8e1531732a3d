import { spread } from './statistics.mjs'

/** A table in Markdown, its columns aligned; all but the first to the right. */
export function markdown(header, rows) {
  const widths = header.map((name, at) => Math.max(3, name.length, ...rows.map((row) => row[at].length)))
  const line = (cells) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(header), rule, ...rows.map(line)].join('\n')
}

export function linesTable(lines) {
  const row = ({ name, unit, value, low, high, bar, aim, verdict }) => [
    name,
    value === undefined ? '–' : withUnit(value, unit),
    value === undefined ? '–' : unit === 'rows' ? `${low}–${high}` : `${number(low)}–${number(high)}`,
    withUnit(bar, unit) + (aim === undefined ? '' : ` (aim ${aim})`),
    verdict,
  ]
  return markdown(['bar', 'measured', 'min–max', 'at most', 'verdict'], lines.map(row))
}

export function samplesTable(samples) {
  const row = ([name, all]) => {
    const { median, low, high } = spread(all.map(({ seconds }) => seconds))
    const cpu = all.map((sample) => sample.cpu).filter((value) => value !== undefined)
    const peak = all.map((sample) => sample.peak).filter((value) => value !== undefined)
    return [
      name,
      number(median),
      `${number(low)}–${number(high)}`,
      cpu.length === 0 ? '–' : number(spread(cpu).median),
      peak.length === 0 ? '–' : String(Math.round(Math.max(...peak) / 2 ** 20)),
    ]
  }
  return markdown(['what', 'seconds', 'min–max', 'user + sys', 'peak MiB'], Object.entries(samples).map(row))
}

function withUnit(value, unit) {
  if (unit === 'rows') return String(value)
  return unit ? `${number(value)} ${unit}` : number(value)
}

/** Two digits after the point, or three where there would be but one that says something. */
export function number(value) {
  return value < 0.1 && value > 0 ? value.toFixed(3) : value.toFixed(2)
}
