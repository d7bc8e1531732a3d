// Plain JavaScript of long ago: an old Node must get far enough to hand over, or to say what is missing.
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { constants } from 'os'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Set for the Node that was handed over to; it takes it out of its environment. */
const MARK = 'RENTAL_ETL_HANDED_OVER'

/** True when the running Node can run the tool. */
export function isNewEnough(version) {
  const parts = version.split('.').map(Number)
  return parts[0] > 22 || (parts[0] === 22 && parts[1] >= 12)
}

/** The Node that the development dependency `node` brings; undefined where it is not installed. */
export function findNode() {
  const windows = process.platform === 'win32'
  const name = windows ? 'node.exe' : 'node'
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const folder = [prefix, windows ? 'win' : process.platform, process.arch].join('-')
  const modules = join(root, 'node_modules')
  return [
    join(modules, 'node', 'bin', name),
    // Where the package's install script was not run, its parts may still be there.
    join(modules, 'node', 'node_modules', folder, 'bin', name),
    join(modules, folder, 'bin', name),
  ].find((path) => existsSync(path))
}

/**
 * Calls `main` when this Node is new enough; otherwise runs the same command line with the Node of the repository, or
 * says in one line what to install.
 */
export function withNode(main) {
  if (isNewEnough(process.versions.node)) {
    watchParent()
    main()
    return
  }
  const node = findNode()
  if (node) handOver(node)
  else refuse()
}

function handOver(node) {
  const args = process.execArgv.concat(process.argv.slice(1))
  const child = spawn(node, args, { stdio: 'inherit', env: Object.assign({}, process.env, { [MARK]: '1' }) })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH', 'SIGCONT']
  for (const signal of signals) {
    if (!(signal in constants.signals)) continue
    // At Ctrl-C the terminal tells both processes; the child takes two in a row for one.
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => {
    process.stderr.write(`error: cannot start ${node}: ${error.message}\n`)
    process.exit(70)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** Who kills the process that handed over means this one: it stops as if it had been told itself. */
function watchParent() {
  if (!process.env[MARK]) return
  delete process.env[MARK]
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

function refuse() {
  const mend = existsSync(join(root, 'src'))
    ? 'run: npm ci && npm rebuild node && npm run build'
    : 'install a newer Node'
  const message = `rental-etl needs Node 22.12 or newer, this is ${process.versions.node}: ${mend}`
  if (process.argv.includes('--json')) {
    const exit = { code: 65, name: 'invalid' }
    const error = { code: 'CONFIG_INVALID', message, suggestions: [] }
    const envelope = { schema: 'rental-etl/error/1', command: null, run_id: null, status: 'error', error }
    process.stdout.write(`${JSON.stringify(Object.assign(envelope, { warnings: [], next: [], exit }))}\n`)
  } else process.stderr.write(`error: ${message}\n`)
  process.exitCode = 65
}
