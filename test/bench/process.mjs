import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Ticks of a second in /proc. */
const TICKS = 100

/**
 * Runs Node with these arguments, and measures it: seconds by the wall, seconds of user and system CPU, and peak memory
 * in bytes, both over the process and its children; where the system has no /proc, these two are undefined.
 * @returns what it printed, too, where `keep` says so
 */
export async function measure(args, { cwd, env = process.env, keep = false } = {}) {
  const before = childrenTicks()
  const begin = performance.now()
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', keep ? 'pipe' : 'ignore', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name]?.setEncoding('utf8').on('data', (part) => {
      text[name] += part
    })
  }
  let peak = 0
  const look = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid))
  }, 20)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const seconds = (performance.now() - begin) / 1000
  clearInterval(look)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${text.stdout}${text.stderr}`)
  const after = childrenTicks()
  return {
    seconds,
    ...(after === undefined ? {} : { cpu: (after - before) / TICKS }),
    ...(peak === 0 ? {} : { peak }),
    ...(keep ? { stdout: text.stdout } : {}),
  }
}

/** Lets the system write what the step before left to be written: nobody pays for another one's rows. */
export function settle() {
  if (process.platform === 'linux') spawnSync('sync')
}

/** CPU of all children of this process that have ended, with their own children. It runs one at a time. */
function childrenTicks() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
    return Number(fields[13]) + Number(fields[14])
  } catch {
    return undefined
  }
}

/** Bytes: the peak that the process has reached, or what it has with its children now, where that is more. */
function memoryOf(pid) {
  const [now, peak] = ['VmRSS', 'VmHWM'].map((name) => statusOf(pid, name))
  const children = childrenOf(pid)
  return children.length === 0 ? peak : Math.max(peak, now + children.reduce((sum, child) => sum + memoryOf(child), 0))
}

function statusOf(pid, name) {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    // It has just ended, or this system tells nothing.
    return 0
  }
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  } catch {
    return []
  }
}
