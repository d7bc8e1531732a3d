import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'

/**
 * Stops the server and removes its folder when standard input ends, which it does with the process that holds the other
 * end, however that ended. A line of input means that the folder is still needed. What a process of the server's writes
 * as it ends may come back into the folder, which is removed again then. Descriptor 3 is the server's: closed as it ends.
 */
const KEEPER = `folder=$1 signal=$2; shift 2
"$@" & pid=$!
exec 3>&-
read -r word
kill -s "$signal" "$pid" 2>/dev/null
wait "$pid"
[ "$word" = keep ] && exit
for pause in 0.1 0.3 1 3; do rm -rf "$folder" 2>/dev/null && [ ! -e "$folder" ] && exit; sleep $pause; done`

/** A server in a folder of its own that does not outlive the process that started it. */
export interface Kept {
  /** Nothing of the server runs any more. */
  readonly ended: boolean
  /** Ends the server. @param word `keep` leaves its folder */
  stop(word?: 'keep'): Promise<void>
}

export interface How {
  env: NodeJS.ProcessEnv
  /** The file that gets what the server prints. */
  log: string
  /** What the server ends by, without waiting for its clients. */
  signal?: 'TERM' | 'INT'
}

export async function startKept(
  folder: string,
  command: readonly string[],
  { env, log, signal = 'TERM' }: How,
): Promise<Kept> {
  const output = await open(log, 'a')
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', folder, signal, ...command], {
    stdio: ['pipe', output.fd, output.fd, 'pipe'],
    env,
    // Its own group: Ctrl-C at the tests is for them, and the keeper hears of it by the end of its input.
    detached: true,
  })
  await output.close()
  keeper.unref()
  return new Keeper(keeper)
}

class Keeper implements Kept {
  readonly #process: ChildProcess
  ended = false

  constructor(process: ChildProcess) {
    this.#process = process
    const open = process.stdio[3] as Socket
    open.on('close', () => (this.ended = true)).resume()
    open.unref()
  }

  async stop(word?: 'keep'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.ref()
    const ended = once(this.#process, 'exit')
    this.#process.stdin?.end(word ? `${word}\n` : '')
    await ended
  }
}

/**
 * Below those that the system gives to connections that go out (from 32,768 on): none of these takes the port of a server
 * that is about to start, or that is down for a moment.
 */
const PORTS = { first: 12_000, end: 32_000 }

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.first, PORTS.end)
    const server = createServer().listen(port, '127.0.0.1')
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (free) return port
  }
}

/**
 * Starts a server that listens on a port. If somebody else came first, it is started again on another one.
 *
 * @param start rejects if the port is taken, with what the server printed, and leaves nothing then
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>, pick = freePort): Promise<T> {
  for (let left = 4; ; left -= 1) {
    try {
      return await start(await pick())
    } catch (error) {
      if (left === 0 || !/already in use/i.test(`${error}`)) throw error
    }
  }
}
