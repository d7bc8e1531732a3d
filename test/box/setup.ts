import { debianPackages } from './debian.js'
import { startMariadb } from './mariadb.js'

// `npm run box:setup`: fetches what the tests need into the cache, and starts it once. `npm run box:setup -- mysql`: only
// what the tests of MySQL need, which are no reason to fetch Spark.
const say = (line: string): void => console.log(line)
const folder = await debianPackages(say)
{
  await using server = await startMariadb()
  const [row] = await server.admin('select version() as version')
  say(`${row?.['version']} in ${folder}`)
}
if (process.argv[2] !== 'mysql') {
  const { setUpBox } = await import('../emulator/setup.js')
  await setUpBox(say)
}
