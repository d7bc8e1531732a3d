import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'

/**
 * Stops the server and removes its folder when standard input ends, which it does with the process that holds the other
 * end, however that ended. A line of input means that the folder is still needed. What a process of the server's writes
 * as it ends may come back into the folder, which is removed again then.
 */
const KEEPER = `folder=$1 signal=$2; shift 2
"$@" & pid=$!
read -r word
kill -s "$signal" "$pid" 2>/dev/null
wait "$pid"
[ "$word" = keep ] && exit
for pause in 0.1 0.3 1 3; do rm -rf "$folder" 2>/dev/null && [ ! -e "$folder" ] && exit; sleep $pause; done`

/** A server in a folder of its own that does not outlive the process that started it. */
export interface Kept {
  /** Its keeper has ended, and the server with it. */
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
    stdio: ['pipe', output.fd, output.fd],
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

  constructor(process: ChildProcess) {
    this.#process = process
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  async stop(word?: 'keep'): Promise<void> {
    if (this.ended) return
    this.#process.ref()
    const ended = once(this.#process, 'exit')
    this.#process.stdin?.end(word ? `${word}\n` : '')
    await ended
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
