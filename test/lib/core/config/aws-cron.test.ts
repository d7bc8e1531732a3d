import { expect, test } from 'vitest'
import { awsCron } from '../../../../src/lib/core/config/aws-cron.js'

test.each([
  ['0 2 * * *', 'cron(0 2 * * ? *)'],
  ['30 3 * * 1-5', 'cron(30 3 ? * MON-FRI *)'],
  ['0 4 * * 0,7', 'cron(0 4 ? * SUN,SUN *)'],
  ['0 4 1,15 * *', 'cron(0 4 1,15 * ? *)'],
  ['*/15 */6 * * *', 'cron(0/15 0/6 * * ? *)'],
  ['0 0 * * */2', 'cron(0 0 ? * SUN/2 *)'],
  ['0 0 */2 */3 *', 'cron(0 0 1/2 1/3 ? *)'],
])('%s is %s', (schedule, rule) => {
  expect(awsCron(schedule)).toBe(rule)
})

test('what a rule cannot say, and what is no schedule, is refused', () => {
  expect(() => awsCron('0 2 1 * 1')).toThrow('names days of the month and of the week')
  expect(() => awsCron('0 2 * *')).toThrow()
})
