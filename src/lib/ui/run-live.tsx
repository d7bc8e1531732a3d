import { render } from 'ink'
import type { RunState } from '../core/run/events.js'
import { RunTree } from './run-tree.js'
import type { RunView, RunViewOptions } from './run-view-options.js'

const FRAME_MS = 100

/** A tree on a terminal that is drawn anew as things happen, at most ten times a second. */
export function liveView({ stream, source, detaches, clock }: RunViewOptions): RunView {
  let state: RunState | undefined
  const tree = (over: boolean) =>
    state && (
      <RunTree
        state={state}
        now={clock.now().getTime()}
        width={stream.columns || 80}
        source={source}
        color={stream.hasColors?.() ?? false}
        detaches={detaches}
        over={over}
      />
    )
  // Keys are not read, and Ctrl-C is the command's own.
  const app = render(null, { stdout: stream, stderr: stream, patchConsole: false, exitOnCtrlC: false })
  const timer = setInterval(() => app.rerender(tree(false)), FRAME_MS)
  return {
    onEvent: (_, next) => {
      state = next
    },
    close: async (last) => {
      clearInterval(timer)
      state = last
      app.rerender(tree(true))
      app.unmount()
      await app.waitUntilExit()
    },
  }
}
