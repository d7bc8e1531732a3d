import type { Reporter, TestModule } from 'vitest/node'

/** Ends the output with a plain line of counts, for builds that read it. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    // A file that could not be loaded has no tests, and is a failure all the same.
    const broken = modules.filter((module) => module.errors().length > 0).length
    const count = (state: string): number => states.filter((one) => one === state).length
    process.stdout.write(`${count('passed')} passed, ${count('failed') + broken} failed\n`)
  }
}
