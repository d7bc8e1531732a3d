import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { claimHome } from '../../../../../src/lib/adapters/local/home/claim.js'
import { LocalRunStore } from '../../../../../src/lib/adapters/local/home/run-store.js'
import { LocalOrchestrator } from '../../../../../src/lib/adapters/local/workflow/orchestrator.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import type { RunEvent } from '../../../../../src/lib/core/run/events.js'
import { LAYERS } from '../../../../../src/lib/core/run/run.js'
import { planPrune } from '../../../../../src/lib/use-cases/prune-runs.js'
import { planResume } from '../../../../../src/lib/use-cases/resume.js'
import { selectRun } from '../../../../../src/lib/use-cases/select-run.js'
import { type LayerScript, type OrchestratorHarness, orchestratorContract } from '../../../../contract/orchestrator.js'
import { steppingClock } from '../../../../fakes/clock.js'
import { type Behaviour, fakeJobs, serviceError, untilStopped } from '../../../../fakes/jobs.js'
import { requestOf } from '../../../../fakes/requests.js'
import { loadsOf } from '../../../../fakes/run-store.js'
import { collect, finalState } from '../../../../support/collect.js'
import { runProcess } from '../../../../support/run-process.js'
import { temporaryFolder } from '../../../../support/temporary.js'

interface LocalHarness extends OrchestratorHarness {
  home: string
  calls: ReturnType<typeof fakeJobs>['calls']
}

async function open(behaviours: Parameters<typeof fakeJobs>[0] = {}, home?: string): Promise<LocalHarness> {
  const folder = home ?? (await temporaryFolder())
  const { jobs, calls } = fakeJobs(behaviours)
  const orchestrator = new LocalOrchestrator({
    home: folder,
    jobs: async () => jobs,
    clock: steppingClock(),
    retryDelayMs: 0,
  })
  return { orchestrator, runs: new LocalRunStore(folder), home: folder, calls }
}

const no: Behaviour = async () => {
  throw new EtlError('no', { code: 'SOURCE_CONTENT' })
}

orchestratorContract('LocalOrchestrator', (script: LayerScript) => {
  const behaviours = LAYERS.flatMap(({ layer, job }) => {
    const behaviour = { succeed: undefined, fail: no, block: untilStopped }[script[layer] ?? 'succeed']
    return behaviour ? [[job, behaviour] as const] : []
  })
  return open(Object.fromEntries(behaviours))
})

describe('in this process', () => {
  test('a busy service is tried again, and the attempts are counted', async () => {
    const busy: Behaviour = async (_args, _context, attempt) => {
      if (attempt < 3) throw serviceError('Glue.ConcurrentRunsExceededException', 'one at a time')
    }
    const { orchestrator } = await open({ s3_to_redshift_raw: busy })
    await orchestrator.start(requestOf('r-1'))
    const final = await finalState(orchestrator.follow('r-1'))
    expect([final.status, final.error, final.layers.map(({ attempts }) => attempts)]).toEqual([
      'succeeded',
      null,
      [1, 3, 1],
    ])
    expect(final.warnings).toEqual(['one at a time', 'one at a time'])
  })

  test('a failure keeps its error, and leaves a notice', async () => {
    const { orchestrator, home, calls } = await open({ extract_raw: no })
    await orchestrator.start(requestOf('r-1'))
    const events = await collect(orchestrator.follow('r-1'))
    expect(calls.map(({ job }) => job)).toEqual(['extract_raw'])
    const at = expect.any(String)
    const error = {
      code: 'SOURCE_CONTENT',
      message: 'no',
      suggestions: ['rental-etl resume r-1', 'rental-etl logs r-1 --failed'],
    }
    const subject = 'rental-etl: ExtractRaw failed'
    const message = 'Run r-1 failed at ExtractRaw: no\n\nNext: rental-etl resume r-1'
    expect(events.slice(1)).toEqual([
      { type: 'layer_started', at, layer: 'extract', attempt: 1 },
      { type: 'layer_failed', at, layer: 'extract', error },
      { type: 'notice', at, subject, message },
      { type: 'run_closed', at, status: 'failed', error: { ...error, layer: 'extract' } },
    ])
    const notices = (await readFile(join(home, 'notices.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(notices.map((line) => JSON.parse(line))).toEqual([
      {
        ...{ at, run_id: 'r-1', layer: 'extract', code: 'SOURCE_CONTENT', subject, message },
        next: 'rental-etl resume r-1',
      },
    ])
  })

  test('a notices file that cannot be written does not hide the failure', async () => {
    const { orchestrator, home } = await open({ extract_raw: no }, await temporaryFolder())
    await claimHome(home)
    await mkdir(join(home, 'notices.jsonl'))
    await orchestrator.start(requestOf('r-1'))
    const final = await finalState(orchestrator.follow('r-1'))
    expect([final.status, final.error?.message, final.notices]).toEqual(['failed', 'no', []])
  })

  test('an unknown exception is a bug, with its stack in the log', async () => {
    const bug: Behaviour = async () => {
      throw new TypeError('x is not a function')
    }
    const { orchestrator } = await open({ extract_raw: bug })
    await orchestrator.start(requestOf('r-1'))
    const events = await collect(orchestrator.follow('r-1'))
    const log = events.find((event) => event.type === 'log')
    expect(log).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^TypeError: x is not a function\n {4}at /),
    })
    expect(events.at(-1)).toMatchObject({ type: 'run_closed', status: 'failed', error: { code: 'BUG' } })
  })

  test('an id that is taken is refused, and the lock is free again', async () => {
    const { orchestrator, runs } = await open()
    await orchestrator.start(requestOf('r-1'))
    await collect(orchestrator.follow('r-1'))
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'there is a run r-1 already',
    })
    await orchestrator.start(requestOf('r-2'))
    await collect(orchestrator.follow('r-2'))
    expect((await runs.list()).map(({ state }) => [state.run_id, state.status])).toEqual([
      ['r-2', 'succeeded'],
      ['r-1', 'succeeded'],
    ])
  })

  test('a home that cannot be is an error that says what to do', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const { orchestrator } = await open({}, join(folder, 'file', 'home'))
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject({
      code: 'IO',
      exit: 'io',
      message: expect.stringMatching(/^cannot write .*home: ENOTDIR: /),
      suggestions: [expect.stringMatching(/^ls -ld /), 'rental-etl run --home DIR   # a folder that can be written'],
    })
  })

  test('a lock file that a crash has cut holds nobody back', async () => {
    const { orchestrator, home } = await open()
    await claimHome(home)
    await writeFile(join(home, 'run.lock.duckdb'), 'cut')
    await orchestrator.start(requestOf('r-1'))
    expect((await finalState(orchestrator.follow('r-1'))).status).toBe('succeeded')
  })
})

describe('under a clock that is set back', () => {
  const clockOf = (...moments: string[]) => {
    let at = 0
    return { now: () => new Date(moments[Math.min(at++, moments.length - 1)] as string) }
  }

  async function runAt(
    home: string,
    runId: string,
    moments: string[],
    behaviours: Parameters<typeof fakeJobs>[0] = {},
  ) {
    const { jobs } = fakeJobs(behaviours)
    const orchestrator = new LocalOrchestrator({ home, jobs: async () => jobs, clock: clockOf(...moments) })
    await orchestrator.start(requestOf(runId))
    return finalState(orchestrator.follow(runId))
  }

  test('the newest run is the one that began last, and it is told', async () => {
    const home = await temporaryFolder()
    expect((await runAt(home, 'ahead', ['2031-05-04T02:00:00Z'])).warnings).toEqual([])
    const { warnings } = await runAt(home, 'right', ['2026-05-04T02:00:00Z'], { extract_raw: no })
    expect(warnings).toEqual([
      'the clock was set back: run ahead began before this one, by the clock of that moment at 2031-05-04T02:00:00.000Z',
    ])
    const runs = new LocalRunStore(home)
    const named = async (selector: string) => (await selectRun(runs, selector)).state.run_id
    expect([await named('@latest'), await named('@failed'), await named('@-2')]).toEqual(['right', 'right', 'ahead'])
    const plan = await planResume({ runs, loads: loadsOf('ahead') }, { run: '@failed', runId: 'next' })
    expect(plan.request.parent).toBe('right')
    expect((await planPrune({ runs, loads: loadsOf() }, 1)).remove).toEqual([])
  })

  test('nothing lasts less than nothing', async () => {
    const home = await temporaryFolder()
    const final = await runAt(home, 'r-1', ['2026-05-04T02:00:00Z', '2026-05-04T01:00:00Z'])
    expect(final.layers.map(({ duration_ms }) => duration_ms)).toEqual([0, 0, 0])
    expect([final.started_at, final.closed_at]).toEqual(['2026-05-04T02:00:00.000Z', '2026-05-04T02:00:00.000Z'])
  })
})

/** Passes events on, and says when the first has come. */
async function* told(events: AsyncIterable<RunEvent>, onFirst: () => void): AsyncGenerator<RunEvent, void> {
  for await (const event of events) {
    onFirst()
    yield event
  }
}

describe('between processes', () => {
  test('two cancels of one run at once: one reason, and both wait for its end', async () => {
    const { runs, home } = await open()
    const other = runProcess(home, 'r-1', 'block')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    const cancels = await Promise.all(
      ['wrong day', 'wrong source', 'wrong home'].map(async (reason) =>
        (await open({}, home)).orchestrator.cancel('r-1', reason),
      ),
    )
    const { state } = await runs.get('r-1')
    expect([state.status, cancels]).toEqual(['canceled', cancels.map(() => state.error?.message)])
    expect((await other.ended()).code).toBe(0)
  })

  test('a log of any length is followed without a gap', async () => {
    const { orchestrator, home } = await open()
    await orchestrator.start(requestOf('r-1'))
    const all = await collect(orchestrator.follow('r-1'))
    const log = join(home, 'runs', 'r-1', 'events.jsonl')
    const message = 'é'.repeat(50_000)
    const long = { type: 'log', at: all[0]?.at, layer: null, level: 'info', message }
    const lines = [all[0], long, long, long, ...all.slice(1)].map((event) => JSON.stringify(event))
    await writeFile(log, `${lines.join('\n')}\n`)
    const followed = await collect((await open({}, home)).orchestrator.follow('r-1'))
    expect(followed).toEqual([all[0], long, long, long, ...all.slice(1)])
  })

  test('a look that fails is told once, and the following goes on', async () => {
    const { orchestrator, home } = await open()
    const other = runProcess(home, 'r-1', 'block')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    const log = join(home, 'runs', 'r-1', 'events.jsonl')
    const trouble: unknown[] = []
    const events = orchestrator.follow('r-1', { onTrouble: (error) => trouble.push(error) })
    const begun = Promise.withResolvers<void>()
    const following = finalState(told(events, begun.resolve))
    await begun.promise
    // A link that leads nowhere but to itself: what an unreachable file system says is an error alike.
    await rename(log, `${log}.away`)
    await symlink(log, log)
    while (trouble.length === 0) await sleep(20)
    await sleep(500)
    await rm(log)
    await rename(`${log}.away`, log)
    other.child.kill('SIGTERM')
    expect((await following).status).toBe('canceled')
    expect(trouble).toEqual([expect.objectContaining({ code: 'IO' })])
  })

  test('a run of another process is followed to its end', async () => {
    const { orchestrator, runs, home } = await open()
    const other = runProcess(home, 'r-1', 'succeed')
    await other.until((event) => event.type === 'run_started')
    const events = await collect(orchestrator.follow('r-1'))
    expect(events).toEqual((await other.ended()).events)
    expect(events.at(-1)).toMatchObject({ type: 'run_closed', status: 'succeeded' })
    expect((await runs.get('r-1')).state.status).toBe('succeeded')
  })

  test('the lock names run and process; looking does not take it away', async () => {
    const { orchestrator, runs, home } = await open()
    const other = runProcess(home, 'r-1', 'block')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    expect((await runs.list()).map(({ state }) => state.status)).toEqual(['running'])
    await expect(orchestrator.start(requestOf('r-2'))).rejects.toMatchObject({
      code: 'LOCKED',
      message: `run r-1 (PID ${other.pid}) is going on in this home; one run at a time changes a warehouse`,
    })
    const third = runProcess(home, 'r-3', 'succeed')
    expect(await third.ended()).toMatchObject({ code: 75, events: [{ type: 'refused' }] })
  })

  test('cancel stops a run of another process, which closes itself', async () => {
    const { orchestrator, runs, home } = await open()
    const other = runProcess(home, 'r-1', 'block')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    await orchestrator.cancel('r-1', 'wrong day')
    const { state } = await runs.get('r-1')
    expect([state.status, state.error?.message]).toEqual(['canceled', 'wrong day'])
    const { code, signal, events } = await other.ended()
    expect([code, signal, events.at(-1)?.type]).toEqual([0, null, 'run_closed'])
  })

  test('a run that does not listen is killed, and who canceled it closes it', async () => {
    const home = await temporaryFolder()
    const { jobs } = fakeJobs()
    const options = { home, jobs: async () => jobs, clock: steppingClock(), target: 'local', source: 'sample' }
    const orchestrator = new LocalOrchestrator({ ...options, graceMs: 300 })
    const other = runProcess(home, 'r-1', 'deaf')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    await orchestrator.cancel('r-1', 'wrong day')
    expect((await other.ended()).signal).toBe('SIGKILL')
    const record = JSON.parse(await readFile(join(home, 'runs', 'r-1', 'run.json'), 'utf8'))
    expect(record.state).toMatchObject({
      status: 'canceled',
      error: { code: 'CANCELED', message: 'wrong day', layer: 'raw' },
    })
  })

  test('a run whose process was killed is shown as failed, and closed by the next run', async () => {
    const { orchestrator, runs, home } = await open()
    const other = runProcess(home, 'r-1', 'block')
    await other.until((event) => event.type === 'layer_started' && event.layer === 'raw')
    const following = finalState(orchestrator.follow('r-1'))
    other.child.kill('SIGKILL')
    await other.ended()
    const error = {
      code: 'INTERRUPTED',
      message: 'the process that did this run ended without finishing it',
      suggestions: ['rental-etl resume r-1'],
      layer: 'raw',
    }
    expect(await following).toMatchObject({ status: 'failed', error })
    expect((await runs.get('r-1')).state).toMatchObject({ status: 'failed', error })
    const log = join(home, 'runs', 'r-1', 'events.jsonl')
    expect(await readFile(log, 'utf8')).not.toContain('run_closed')
    await appendFile(log, '{"type":"lo')

    await orchestrator.start(requestOf('r-2'))
    await collect(orchestrator.follow('r-2'))
    expect((await readFile(log, 'utf8')).trimEnd().split('\n').at(-1)).toContain('"run_closed"')
    expect(await finalState(orchestrator.follow('r-1'))).toMatchObject({ status: 'failed', error })
    const states = (await runs.list()).map(({ state }) => [state.run_id, state.status])
    expect(Object.fromEntries(states)).toEqual({ 'r-1': 'failed', 'r-2': 'succeeded' })
  })
})
