import chalk from 'chalk'
import { render, renderToString } from 'ink'
import type { RunState } from '../core/run/events.js'
import { holdKeys } from './keys.js'
import { RunTree } from './run-tree.js'
import type { RunView, RunViewOptions } from './run-view-options.js'

const FRAME_MS = 100
const HOME_AND_ERASE = '\u001b[H\u001b[J'
const ALTERNATE = { enter: '\u001b[?1049h', leave: '\u001b[?1049l' }
const CURSOR = { show: '\u001b[?25h', hide: '\u001b[?25l' }

/**
 * A tree on a terminal that is drawn anew as things happen, at most ten times a second. It has the terminal's other screen
 * to itself, so that no resizing, no typing and no frame higher than the screen leaves a trace; the last frame is printed
 * where the command was typed.
 */
export function liveView({ stream, keys, source, detaches, ended, clock, color }: RunViewOptions): RunView {
  // ink colours by this instance, which looked at stdout; the view is on stderr.
  chalk.level = color ? 1 : 0
  let state: RunState | undefined
  let timer: NodeJS.Timeout | undefined
  const tree = (height: number, over: boolean) =>
    state && (
      <RunTree
        state={state}
        now={clock.now().getTime()}
        width={stream.columns || 80}
        height={height}
        source={source}
        detaches={detaches}
        over={over}
      />
    )
  const printLast = (last: RunState): void => {
    state = last
    const whole = tree(Number.POSITIVE_INFINITY, true)
    if (last.started_at !== null) stream.write(`${renderToString(whole, { columns: stream.columns || 80 })}\n`)
  }
  // Nothing moves: there is nothing to look at but the end.
  if (ended) return { onEvent: () => undefined, close: async (last) => printLast(last) }
  // A line stays free: a frame as high as the screen would scroll it.
  const frame = () => tree((stream.rows || 24) - 1, false)
  const app = render(null, {
    ...{ stdout: stream, stderr: stream, patchConsole: false, exitOnCtrlC: false },
    ...{ alternateScreen: true, interactive: true },
  })
  // Entering the other screen leaves the cursor where it was.
  stream.write(HOME_AND_ERASE)
  const draw = (): void => {
    timer ??= setInterval(() => app.rerender(frame()), FRAME_MS)
  }
  // What a terminal shows after it was resized is anybody's guess. Before ink's own listener, which draws the frame that
  // it has, from where it thinks to be.
  const redraw = (): void => {
    if (!timer) return
    stream.write(HOME_AND_ERASE)
    app.rerender(frame())
  }
  stream.prependListener('resize', redraw)
  const held = holdKeys(keys, {
    leave: async () => {
      clearInterval(timer)
      timer = undefined
      // A frame that ink holds back would be drawn into the shell's screen.
      app.rerender(null)
      await app.waitUntilRenderFlush()
      stream.write(`${HOME_AND_ERASE}${ALTERNATE.leave}${CURSOR.show}`)
    },
    enter: () => {
      stream.write(`${ALTERNATE.enter}${CURSOR.hide}${HOME_AND_ERASE}`)
      draw()
    },
  })
  draw()
  const end = (): void => {
    process.off('uncaughtException', end)
    process.off('unhandledRejection', end)
    held.release()
    clearInterval(timer)
    stream.off('resize', redraw)
    // Some terminals mix the two screens after they were resized: the other one is left empty.
    app.rerender(null)
    stream.write(HOME_AND_ERASE)
    app.unmount()
  }
  // Before it is told what went wrong: on the other screen nobody would read it.
  process.prependListener('uncaughtException', end)
  process.prependListener('unhandledRejection', end)
  return {
    onEvent: (_, next) => {
      state = next
    },
    close: async (last) => {
      end()
      await app.waitUntilExit()
      printLast(last)
    },
  }
}
