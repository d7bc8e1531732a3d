#!/usr/bin/env node
import { existsSync } from 'fs'
import { join } from 'path'
import { root, withNode } from './node.js'

withNode(() => {
  if (existsSync(join(root, 'dist', 'lib', 'main.js'))) {
    import('../dist/lib/main.js').then(({ main }) => main(root))
  } else {
    process.stderr.write('error: rental-etl is not built: run npm run build\n')
    process.exitCode = 70
  }
})
