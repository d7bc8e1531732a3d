#!/usr/bin/env node
import { existsSync } from 'fs'
import module from 'module'
import { join } from 'path'
import { compileCacheFolder } from './compile-cache.js'
import { root, withNode } from './node.js'

withNode(() => {
  // The second start is quicker. Without a folder of ours node would take one in the system's, which anybody can plant.
  const cache = compileCacheFolder()
  if (cache !== undefined && module.enableCompileCache) module.enableCompileCache(cache)
  if (existsSync(join(root, 'dist', 'lib', 'shell', 'main.js'))) {
    import('../dist/lib/shell/main.js').then(({ main }) => main(root))
  } else {
    process.stderr.write('error: rental-etl is not built: run npm run build\n')
    process.exitCode = 70
  }
})
