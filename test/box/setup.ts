import { debianPackages } from './debian.js'
import { startMariadb } from './mariadb.js'

// `npm run box:setup`: unpacks what the tests need of Debian into the cache, and starts it once.
const folder = await debianPackages((line) => console.log(line))
await using server = await startMariadb()
const [row] = await server.admin('select version() as version')
console.log(`${row?.['version']} in ${folder}`)
