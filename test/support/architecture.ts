import { posix } from 'node:path'

/** Texts of modules by their path from the project's root. */
export type Tree = Readonly<Record<string, string>>

type Layer = 'commands' | 'shell' | 'runtime' | 'use-cases' | 'ports' | 'core' | 'ui' | 'adapters'

interface Import {
  /** Path of a module of ours, or the name of a package. */
  to: string
  own: boolean
  /** `type`: nothing of it is left when the program runs. */
  kind: 'static' | 'dynamic' | 'type'
}

/**
 * What each layer may import: the direction of architecture.md. The shell is what all commands share. Only
 * runtime*.ts picks adapters.
 */
const ALLOWED: Readonly<Record<Layer, readonly Layer[]>> = {
  commands: ['shell', 'runtime', 'use-cases', 'ports', 'ui', 'core'],
  shell: ['shell', 'runtime', 'use-cases', 'ports', 'ui', 'core'],
  runtime: ['runtime', 'adapters', 'use-cases', 'ports', 'core'],
  'use-cases': ['use-cases', 'ports', 'core'],
  ports: ['ports', 'core'],
  core: ['core'],
  // The shape of a result stands in a port: of ports the ui takes types, and nothing else.
  ui: ['ui', 'core', 'ports'],
  adapters: ['adapters', 'ports', 'core'],
}

const HEAVY = ['ink', 'react', '@duckdb/node-api', 'aws-local-stepfunctions', 'mysql2', 'zod', 'yaml']

/** The only place that knows the SDK of AWS. */
const AWS = 'src/lib/adapters/aws/'

const isSdk = (name: string): boolean => /^@(aws-sdk|smithy)\//.test(name)

/** What writes to the terminal; everything else goes through it. */
const WRITER = 'src/lib/shell/output.ts'
const PAST_WRITER = /\bprocess\s*\.\s*std(out|err)\s*\.\s*write\b|\bthis\s*\.\s*(log|logJson|logToStderr|warn)\s*\(/

/** Modules of node that only compute. */
const PURE_NODE: readonly string[] = ['node:path', 'node:url', 'node:util', 'node:buffer']

/** Lines that a module may have. */
const LONGEST = { command: 120, module: 300 }

/** Everything in which a source tree breaks the rules of the house, a line for each, sorted. */
export function violations(tree: Tree): string[] {
  const modules = new Map(Object.entries(tree).map(([path, text]) => [path, importsOf(path, text)]))
  return [...directions(modules), ...cycles(modules), ...heavyAtStart(modules), ...forms(tree)].sort()
}

/** Test files under test/lib and test/commands that belong to no module: a test is named as its module, or `module-aspect`. */
export function strayTests(tests: readonly string[], sources: readonly string[]): string[] {
  return tests.filter((test) => {
    const name = test.replace(/^test\//, 'src/').replace(/\.test\.tsx?$/, '')
    return !sources.some((source) => {
      const module = source.replace(/(\/index)?\.tsx?$/, '')
      return name === module || name === `${module}/index` || name.startsWith(`${module}-`)
    })
  })
}

function layerOf(path: string): Layer | undefined {
  const [, first, second] = path.split('/')
  if (first === 'commands') return 'commands'
  if (first !== 'lib' || second === undefined) return undefined
  if (/^runtime[\w-]*\.ts$/.test(second)) return 'runtime'
  return second in ALLOWED ? (second as Layer) : undefined
}

/** Import and export statements, and `import(…)`, whatever the line breaks; comments and what they quote left out. */
function importsOf(path: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const found: Import[] = []
  const add = (specifier: string, kind: Import['kind']): void => {
    const own = specifier.startsWith('.')
    const to = own ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '') : packageName(specifier)
    found.push({ to, own, kind })
  }
  for (const [, type, specifier] of code.matchAll(
    /^(?:import|export)\s+(type\s)?[\w\s{},*$]*?from\s*['"]([^'"]+)['"]/gm,
  ))
    add(specifier as string, type ? 'type' : 'static')
  for (const [, specifier] of code.matchAll(/^import\s*['"]([^'"]+)['"]/gm)) add(specifier as string, 'static')
  for (const [, specifier] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) add(specifier as string, 'dynamic')
  return found
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

type Modules = ReadonlyMap<string, readonly Import[]>

/** The module that an import without its ending means. */
function moduleAt(modules: Modules, to: string): string | undefined {
  return [`${to}.ts`, `${to}.tsx`].find((path) => modules.has(path))
}

function directions(modules: Modules): string[] {
  return [...modules].flatMap(([path, imports]) => {
    const layer = layerOf(path)
    if (layer === undefined) return [`${path}: belongs to no layer`]
    return imports.flatMap(({ to, own, kind }) => {
      if (!own) {
        if (isSdk(to) && !path.startsWith(AWS)) return [`${path}: imports ${to}, which is for ${AWS} alone`]
        const free = layer !== 'core' || PURE_NODE.includes(to)
        return free ? [] : [`${path}: core imports ${to}`]
      }
      const target = moduleAt(modules, to)
      const other = target === undefined ? undefined : layerOf(target)
      if (target === undefined || other === undefined) return [`${path}: imports ${to}, which is not there`]
      if (!ALLOWED[layer].includes(other)) return [`${path}: ${layer} imports ${other}, ${target}`]
      if (layer === 'ui' && other === 'ports' && kind !== 'type')
        return [`${path}: ui imports more than types, ${target}`]
      return []
    })
  })
}

/** Each cycle once, from its first module; types count too: two modules that need each other are one idea. */
function cycles(modules: Modules): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) {
      const ring = way.slice(at)
      const first = ring.indexOf([...ring].sort()[0] as string)
      const turned = [...ring.slice(first), ...ring.slice(0, first)]
      found.add(`${turned[0]}: imports itself by ${[...turned, turned[0]].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const { to, own } of modules.get(path) ?? []) {
      const target = own ? moduleAt(modules, to) : undefined
      if (target !== undefined) visit(target, [...way, path])
    }
    done.add(path)
  }
  for (const path of modules.keys()) visit(path, [])
  return [...found]
}

/** Help and version load the entry point and oclif's hook; the help of a command loads the command, too. */
function heavyAtStart(modules: Modules): string[] {
  const loaded = new Map<string, string>()
  const load = (path: string, from: string): void => {
    if (loaded.has(path)) return
    loaded.set(path, from)
    for (const { to, own, kind } of modules.get(path) ?? []) {
      const target = own && kind === 'static' ? moduleAt(modules, to) : undefined
      if (target !== undefined) load(target, from)
    }
  }
  const isStart = (path: string): boolean =>
    /^src\/(commands\/|lib\/shell\/(main|help|command-not-found)\.ts$)/.test(path)
  for (const path of modules.keys()) if (isStart(path)) load(path, path)
  return [...loaded].flatMap(([path, from]) =>
    (modules.get(path) ?? [])
      .filter(({ to, kind }) => kind === 'static' && (HEAVY.includes(to) || isSdk(to)))
      .map(({ to }) => `${path}: imports ${to} at the start of ${from}`),
  )
}

function forms(tree: Tree): string[] {
  return Object.entries(tree).flatMap(([path, text]) => {
    const lines = text.split('\n').length - 1
    const longest = path.startsWith('src/commands/') ? LONGEST.command : LONGEST.module
    return [
      ...(lines > longest ? [`${path}: has ${lines} lines, more than ${longest}`] : []),
      ...(/\bconsole\s*\./.test(text) ? [`${path}: prints by console`] : []),
      // One place makes text safe for a terminal: who writes past it forgets that.
      ...(path !== WRITER && PAST_WRITER.test(text) ? [`${path}: writes past ${WRITER}`] : []),
    ]
  })
}
