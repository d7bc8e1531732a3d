import { lstatSync, mkdirSync, realpathSync } from 'fs'
import { homedir } from 'os'
import { dirname, isAbsolute, join } from 'path'

/**
 * The folder for compiled code, in the user's own cache: what lies there is run, so nobody else may have a hand in it.
 * undefined where there is no such folder; then code is compiled anew at each start.
 */
export function compileCacheFolder(env = process.env, uid = process.getuid ? process.getuid() : undefined) {
  // Owners and modes say nothing on Windows.
  if (uid === undefined) return undefined
  try {
    const given = env.XDG_CACHE_HOME
    const base = given && isAbsolute(given) ? given : join(env.HOME || homedir(), '.cache')
    if (!isAbsolute(base)) return undefined
    // A tool run by root with the HOME of a user would leave files there that the user cannot remove.
    const parent = ownFolder(base, uid) || makeBase(base, uid)
    if (parent === undefined) return undefined
    return ownSub(ownSub(parent, 'rental-etl', uid), 'compile', uid)
  } catch {
    return undefined
  }
}

/** Makes ~/.cache in a home that is the user's own. */
function makeBase(base, uid) {
  if (ownFolder(dirname(base), uid) === undefined) return undefined
  mkdirSync(base, { mode: 0o700 })
  return ownFolder(base, uid)
}

/** The folder's real path, where it is the user's and only the user or root can put another in its place. */
function ownFolder(path, uid) {
  let real
  try {
    real = realpathSync(path)
  } catch {
    return undefined
  }
  if (!isOwn(real, uid)) return undefined
  for (let at = real; dirname(at) !== at; ) {
    at = dirname(at)
    const { uid: owner, mode } = lstatSync(at)
    const sticky = (mode & 0o1000) !== 0
    if ((owner !== uid && owner !== 0) || ((mode & 0o022) !== 0 && !sticky)) return undefined
  }
  return real
}

function ownSub(parent, name, uid) {
  if (parent === undefined) return undefined
  const path = join(parent, name)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return isOwn(path, uid) ? path : undefined
}

/** A folder, not a link to one; of this user; that nobody else can write. */
function isOwn(path, uid) {
  const found = lstatSync(path)
  return found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0
}
