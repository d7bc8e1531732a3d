import { spawnSync } from 'child_process'
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'fs'
import { join } from 'path'
import { root, withNode } from './node.js'

// Builds beside dist and puts it in place whole, so that a command started meanwhile finds the old files or the new.
const DIST = join(root, 'dist')
const CACHE = join(root, 'node_modules', '.cache', 'rental-etl')

async function build() {
  const fresh = join(CACHE, `dist-${process.pid}`)
  const old = join(CACHE, `old-${process.pid}`)
  mkdirSync(CACHE, { recursive: true })
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const compile = [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', fresh]
    const { status } = spawnSync(process.execPath, compile, { stdio: 'inherit' })
    // Types that do not agree fail the build, though what was emitted can be run.
    process.exitCode = status === 0 ? 0 : 1
    swap(fresh, old)
    await writeManifest()
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

function swap(fresh, old) {
  try {
    renameSync(DIST, old)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  try {
    renameSync(fresh, DIST)
  } catch (error) {
    if (error.code !== 'EXDEV' && error.code !== 'ENOTEMPTY') throw error
    cpSync(fresh, DIST, { recursive: true })
  }
}

/** The list of commands and flags from which oclif starts without loading a command. */
async function writeManifest() {
  const { Config } = await import('@oclif/core')
  const { Plugin } = await import('@oclif/core/config')
  await Config.load(root)
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, isRoot: true })
  await plugin.load()
  // A command that cannot be loaded is warned of and left out.
  if (Object.keys(plugin.manifest.commands).length < plugin.commandIDs.length) process.exitCode = 1
  const file = join(root, 'oclif.manifest.json')
  writeFileSync(`${file}.tmp`, `${JSON.stringify(plugin.manifest, null, 2)}\n`)
  renameSync(`${file}.tmp`, file)
}

withNode(build)
