// Reads tables by a bare stream of the driver, and counts their rows: node mysql-read.mjs PORT DATABASE USER TABLE…
import mysql from 'mysql2'

const [port, database, user, ...tables] = process.argv.slice(2)
const connection = mysql.createConnection({
  host: '127.0.0.1',
  port: Number(port),
  user,
  password: process.env.MYSQL_PWD,
  database,
})
let rows = 0
for (const table of tables) for await (const _ of connection.query(`select * from ${table}`).stream()) rows++
connection.end()
process.stdout.write(JSON.stringify({ rows }))
