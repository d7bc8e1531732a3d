import { spread } from './statistics.mjs'

const GIB = 2 ** 30

/**
 * The bars. `value` gives one number per round, as a rule what the tool took over what was taken by hand beside it; the
 * middle one is held against `bar`. `aim` is what we would like.
 */
export function lines(samples, { millions, memory }) {
  const all = [
    over('full run / load by hand', 'full run', 'load by hand', 1.25),
    over('full run / load by hand with checks', 'full run', 'load by hand with checks', 1.15),
    over('unchanged source / typed read by hand', 'unchanged source', 'typed read by hand', 2, { aim: 1.5 }),
    {
      name: 'unchanged source: rows written',
      unit: 'rows',
      bar: 0,
      value: (all) => each(all, 'unchanged source', 'written'),
    },
    over('changed source / full run', 'changed source', 'full run', 0.6, { aim: 0.5 }),
    {
      name: 'changed source: layers raw and curated / full run',
      bar: millions >= 100 ? 0.05 : 0.1,
      value: (all) => ratios(all['changed source'].map(layersAfterExtract), each(all, 'full run', 'seconds')),
    },
    over('verify / verify by hand', 'verify', 'verify by hand', 1.5),
    {
      name: 'verify: memory',
      unit: 'GiB',
      bar: memoryBar(millions),
      value: (all) => [...peaks(all.verify), ...peaks(all['verify, two loads'])],
    },
    over('query, table / csv (CPU)', 'query, table', 'query, csv', 3, { what: 'cpu' }),
    ...Object.keys(samples)
      .filter((name) => name.startsWith('vw_') && !name.endsWith(' by hand'))
      .map((name) => over(`${name} / by hand`, name, `${name} by hand`, 1.2)),
    {
      name: 'runs: memory',
      unit: 'GiB',
      bar: memoryBar(millions),
      value: (all) => ['full run', 'unchanged source', 'changed source'].flatMap((name) => peaks(all[name])),
    },
    ...(memory === undefined
      ? []
      : [
          {
            name: `full run of ${memory} M rows: memory`,
            unit: 'GiB',
            bar: memoryBar(memory),
            value: (all) => peaks(all[`full run of ${memory} M rows`]),
          },
        ]),
    over('--version / empty oclif command', '--version', 'empty oclif command', 2, { whole: true }),
    over('--help / empty oclif command', '--help', 'empty oclif command', 2, { whole: true }),
  ]
  return all.map(({ value, ...line }) => judged(line, value(samples)))
}

/** The tool over what is compared with it, in seconds or CPU; start-ups by their medians, since they are no pairs. */
export function over(name, what, by, bar, { what: of = 'seconds', by: ofBy = of, aim, whole = false } = {}) {
  const value = (all) => {
    const [tool, hand] = [each(all, what, of), each(all, by, ofBy)]
    return whole ? ratios([spread(tool).median], [spread(hand).median]) : ratios(tool, hand)
  }
  return { name, unit: '', bar, value, ...(aim === undefined ? {} : { aim }) }
}

export function judged(line, values) {
  // Where the system does not tell it, there is nothing to judge.
  if (values.length === 0 || values.some((value) => !Number.isFinite(value)))
    return { ...line, verdict: 'not measured' }
  const { median, low, high } = spread(values)
  // Memory and rows may not be over the bar in a single round.
  const value = line.unit === '' || line.unit === undefined ? median : high
  return { ...line, value, low, high, verdict: value <= line.bar ? 'kept' : 'missed' }
}

function each(samples, name, what) {
  return samples[name].map((sample) => sample[what])
}

function ratios(tool, hand) {
  return tool.map((value, round) => value / hand[round])
}

export function peaks(samples) {
  return samples.map(({ peak }) => peak / GIB)
}

function layersAfterExtract({ layers }) {
  return layers.raw.seconds + layers.curated.seconds
}

function memoryBar(millions) {
  return millions <= 10 ? 1 : 4
}
