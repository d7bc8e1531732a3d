import { type ChildProcess, execFile } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provision } from '../emulator/provision.js'

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url))

/** The library of the Glue jobs, and what the tests run of it. */
const LIBRARY = pathOf('templates/glue')
const JOBS = pathOf('test/glue/jobs')

/** Of a Spark that is small and starts soon. */
const JVM = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC'

export interface PythonAnswer {
  code: number
  stdout: string
  stderr: string
}

/** The Python of the box, with PySpark and boto3. */
export async function pythonPath(): Promise<string> {
  return (await provision()).glue
}

/** The driver of MySQL for Java. */
export async function jdbcJar(): Promise<string> {
  const { jars } = await provision()
  return jars.find((path) => path.includes('mysql-connector')) as string
}

/**
 * Runs a Python file to its end.
 * @param script under test/glue/jobs, or a path
 */
export async function runPython(
  script: string,
  args: readonly string[],
  { env = {}, timeoutMs = 280_000, input }: { env?: Record<string, string>; timeoutMs?: number; input?: string } = {},
): Promise<PythonAnswer> {
  const path = await pythonPath()
  return new Promise((resolve, reject) => {
    const child: ChildProcess = execFile(
      path,
      ['-u', script.includes('/') ? script : `${JOBS}/${script}`, ...args],
      {
        maxBuffer: 1 << 28,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        env: {
          ...process.env,
          PYTHONPATH: [LIBRARY, JOBS].join(delimiter),
          PYTHONDONTWRITEBYTECODE: '1',
          PYSPARK_PYTHON: path,
          SPARK_LOCAL_IP: '127.0.0.1',
          GLUE_TEST_JVM: JVM,
          ...env,
        },
      },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(new Error(`${script}: ${error.message}\n${stderr}`))
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr })
      },
    )
    child.stdin?.end(input)
  })
}

/** The same, of a script that has to succeed. @throws Error with what it said */
export async function python(script: string, args: readonly string[], options = {}): Promise<string> {
  const { code, stdout, stderr } = await runPython(script, args, options)
  if (code !== 0) throw new Error(`${script} ended with ${code}\n${stderr.slice(-6000)}`)
  return stdout
}
