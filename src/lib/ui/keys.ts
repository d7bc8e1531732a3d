import { inForeground } from './foreground.js'

/** What a view does when the command is stopped for a while (Ctrl-Z), and when it goes on in the foreground. */
export interface Screen {
  leave(): Promise<void>
  enter(): void
}

/** Keys that a terminal turns into signals as long as it is left to. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { '\u0003': 'SIGINT', '\u001c': 'SIGQUIT' }
const CTRL_Z = '\u001a'
const NOT_STOPPED_MS = 50

/**
 * Takes what is typed off a terminal, so that nothing of it is shown: Ctrl-C, Ctrl-\ and Ctrl-Z do what they always do.
 * Node gives the terminal back when the process ends, however it does; `release` gives it back before.
 */
export function holdKeys(input: NodeJS.ReadStream | undefined, screen: Screen): { release(): void } {
  // What is piped in is none of our business.
  const keys = input?.isTTY ? input : undefined
  let stopped = false
  const hold = (on: boolean): void => {
    // Who changes a terminal from the background, or reads from it, is stopped.
    if (keys && inForeground()) keys.setRawMode(on)
    if (on) keys?.resume()
    else keys?.pause()
  }
  const onKey = (typed: Buffer): void => {
    for (const key of typed.toString('latin1')) {
      const signal = SIGNALS[key]
      if (key === CTRL_Z) void suspend()
      // As the terminal does it: all of a pipeline are told.
      else if (signal) process.kill(0, signal)
    }
  }
  const suspend = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await screen.leave()
    hold(false)
    process.kill(0, 'SIGTSTP')
    // Where no shell would start it again, nothing is stopped, and nobody says so.
    setTimeout(() => void (stopped && goOn()), NOT_STOPPED_MS)
  }
  const goOn = async (): Promise<void> => {
    // Stopped by another hand than a key: the shell wrote into our screen.
    if (!stopped) await screen.leave()
    stopped = !inForeground()
    if (stopped) return
    // The shell has had the terminal since: what was set before is forgotten.
    hold(false)
    hold(true)
    screen.enter()
  }
  hold(true)
  keys?.on('data', onKey)
  process.on('SIGCONT', goOn)
  return {
    release: () => {
      process.off('SIGCONT', goOn)
      keys?.off('data', onKey)
      hold(false)
      if (stopped) screen.enter()
    },
  }
}
