import { expect, test } from 'vitest'
import { engineError } from '../../../../../src/lib/adapters/local/engine/engine-error.js'

const WAREHOUSE = '/h/warehouse.duckdb'
const SPILL = '/h/tmp/rental-etl-spill-0/duckdb_temp_storage_S64K-0.tmp'

test.each<[said: string, message: string, suggestion: string]>([
  [
    `IO Error: Could not write file "${SPILL}": No space left on device`,
    `cannot read or write ${SPILL}: ENOSPC: no space is left on its disk`,
    'df -h /h/tmp/rental-etl-spill-0   # free some space',
  ],
  [
    `IO Error: Could not write file "${WAREHOUSE}": File too large`,
    `cannot read or write ${WAREHOUSE}: EFBIG: the file grows beyond the limit of a file of this process (ulimit -f)`,
    'ulimit -f   # should say unlimited',
  ],
  [
    `IO Error: Cannot open file "/h/x.parquet": Too many open files`,
    'cannot read or write /h/x.parquet: EMFILE: this process may open no more files (ulimit -n)',
    'ulimit -n   # 1024 or more is enough',
  ],
  [
    'Out of Memory Error: Allocation failure',
    `cannot read or write ${WAREHOUSE}: ENOMEM: the system gives no more memory (ulimit -v, or the machine is full)`,
    'ulimit -v; free -m',
  ],
  [
    'Out of Memory Error: could not allocate block of size 256.0 KiB (57.0 MiB/57.2 MiB used)\nPossible solutions: …',
    `the engine's memory is used up: could not allocate block of size 256.0 KiB (57.0 MiB/57.2 MiB used)`,
    'free -m   # the memory of this machine',
  ],
  [
    `IO Error: Failed to create directory "/h/tmp/rental-etl-spill-0": Permission denied`,
    'cannot read or write /h/tmp/rental-etl-spill-0: EACCES: permission denied',
    'ls -ld /h/tmp/rental-etl-spill-0   # what it is, and whose',
  ],
  [
    `IO Error: Failed to create directory "/nowhere/spill": No such file or directory`,
    'cannot read or write: IO Error: Failed to create directory "/nowhere/spill": No such file or directory',
    'ls -ld /nowhere/spill',
  ],
  [
    `IO Error: Could not read from file "${WAREHOUSE}": Input/output error`,
    `cannot read or write ${WAREHOUSE}: EIO: the disk reports a fault`,
    'dmesg | tail   # what the system says of the disk',
  ],
])('trouble of the surroundings: %s', (said, message, suggestion) => {
  const found = engineError(new Error(said), WAREHOUSE)
  expect(found).toMatchObject({ code: 'IO', exit: 'io', message, suggestions: [suggestion] })
  expect(JSON.stringify(found)).not.toContain('resume')
})

test('a fault in scratch is no verdict on the warehouse; the same in its own file is', () => {
  const said = (file: string): Error =>
    new Error(`IO Error: Could not read enough bytes from file "${file}": attempted to read 262144 bytes`)
  expect(engineError(said(SPILL), WAREHOUSE)).toMatchObject({ code: 'IO' })
  const spilled = new Error('IO Error: Corrupt temporary file: decompressed block is 0 bytes but expected 262144')
  expect(engineError(spilled, WAREHOUSE)).toMatchObject({ code: 'IO', exit: 'io' })
  expect(engineError(said(WAREHOUSE), WAREHOUSE)).toMatchObject({ code: 'WAREHOUSE_CORRUPT' })
  expect(engineError(said('/h/warehouse.next.duckdb'), '/h/warehouse.next.duckdb')).toMatchObject({
    code: 'WAREHOUSE_CORRUPT',
    message: expect.stringMatching(/^\/h\/warehouse\.duckdb cannot be read/),
  })
  expect(engineError(new Error('Serialization Error: Failed to deserialize'), WAREHOUSE)).toMatchObject({
    code: 'WAREHOUSE_CORRUPT',
  })
})

test('a file of the lake is judged by who reads it', () => {
  const error = new Error(
    'IO Error: Could not read enough bytes from file "/h/data/raw/x.parquet": attempted to read 8',
  )
  expect(engineError(error, WAREHOUSE)).toBe(error)
})

test('who has the file open is named, with program and process', () => {
  const said = `IO Error: Could not set lock on file "${WAREHOUSE}": Conflicting lock is held in /usr/bin/python3.12 (PID 4711) by user bi. See also https://x`
  expect(engineError(new Error(said), WAREHOUSE)).toMatchObject({
    code: 'LOCKED',
    message: `python3.12 (PID 4711) has ${WAREHOUSE} open for writing`,
    suggestions: ['ps -o pid,user,args -p 4711   # close it, or have it open the file read-only'],
  })
  expect(engineError(new Error('IO Error: Could not set lock on file "x": Resource'), WAREHOUSE)).toMatchObject({
    message: `another process has ${WAREHOUSE} open for writing`,
  })
})

test('words of a statement are no fault of the disk', () => {
  const error = new Error(`Conversion Error: Could not convert string 'no space left' to INT32`)
  expect(engineError(error, WAREHOUSE)).toBe(error)
  const internal = engineError(new Error('INTERNAL Error: x\n\nStack Trace:\n0x1'), WAREHOUSE) as Error
  expect(internal.message).toBe('INTERNAL Error: x')
})
