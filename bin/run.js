#!/usr/bin/env node
import { existsSync } from 'fs'
import module from 'module'
import { join } from 'path'
import { root, withNode } from './node.js'

withNode(() => {
  // Compiled code is kept in the system's folder for temporary files: the second start is quicker.
  if (module.enableCompileCache) module.enableCompileCache()
  if (existsSync(join(root, 'dist', 'lib', 'shell', 'main.js'))) {
    import('../dist/lib/shell/main.js').then(({ main }) => main(root))
  } else {
    process.stderr.write('error: rental-etl is not built: run npm run build\n')
    process.exitCode = 70
  }
})
