import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The files of the documentation, relative to the project root. */
export const DOC_FILES: readonly string[] = ['README.md', 'CHANGELOG.md', ...markdownUnder('docs')]

export function readDoc(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Lines of the fenced sh and console blocks of a document, without comments, blank lines and output. */
export function shellLines(text: string): string[] {
  return fencedBlocks(text)
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ language, body }) =>
      body
        .split('\n')
        .filter((line) => language === 'sh' || line.startsWith('$ '))
        .map((line) => withoutComment(line.replace(/^\$ /, ''))),
    )
    .filter((line) => line !== '')
}

/** Code spans that are command lines of the tool. */
function inlineCommands(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/`(rental-etl [^`]+)`/g)].map((match) => match[1] as string)
}

/** The command line of the tool in a line of shell; undefined where there is none. */
export function toolLine(line: string): string | undefined {
  const bare = line.replace(/^source <\((.*)\)$/, '$1').replace(/ > \S+$/, '')
  return /(?:^|&& )(?:npx )?(rental-etl .*)$/.exec(bare)?.[1]
}

/** True for a line about a target on AWS: it is run in the box, by test/aws. */
export function isAwsLine(line: string): boolean {
  return line.includes('--target prod')
}

/** The words of a command line, as a shell takes them apart. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:"([^"]*)"|'([^']*)'|([^\s"']+))+/g)].map(([word]) => word.replaceAll(/["']/g, ''))
}

export interface CommandFile {
  /** With spaces. */
  id: string
  command: typeof Command
}

/** The commands of src/commands. */
export async function commandFiles(): Promise<CommandFile[]> {
  const folder = join(ROOT, 'src', 'commands')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return Promise.all(
    files.sort().map(async (file) => {
      const id = file.replace(/(\/index)?\.ts$/, '').replaceAll('/', ' ')
      const { default: command } = (await import(join(folder, file))) as { default: typeof Command }
      return { id, command }
    }),
  )
}

/** The examples of a command as command lines. */
function exampleLines({ id, command }: CommandFile): string[] {
  return (command.examples ?? []).map((example) => {
    const text = typeof example === 'string' ? example : example.command
    return text.replaceAll('<%= config.bin %>', 'rental-etl').replaceAll('<%= command.id %>', id)
  })
}

/** Every command line of the tool that documents and commands print, each once. */
export function documentedLines(commands: readonly CommandFile[]): string[] {
  const texts = DOC_FILES.map(readDoc)
  const shell = [...texts.flatMap(shellLines), ...commands.flatMap(exampleLines)]
  return [...new Set([...shell.flatMap((line) => toolLine(line) ?? []), ...texts.flatMap(inlineCommands)])]
}

/** The text between the markers `<!-- begin: NAME … -->` and `<!-- end: NAME -->`. */
export function marked(text: string, name: string): string | undefined {
  return new RegExp(`<!-- begin: ${name}[^>]*-->\\n([\\s\\S]*?)<!-- end: ${name} -->`).exec(text)?.[1]?.trim()
}

/** The fenced block below `<!-- validated: NAME -->`. */
export function validated(text: string, name: string): string {
  const found = new RegExp(`<!-- validated: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1]
  if (found === undefined) throw new Error(`there is no block <!-- validated: ${name} -->`)
  return found
}

/** Anchors of a document's headings. */
export function anchors(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function fencedBlocks(text: string): { language: string; body: string }[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({ language, body }))
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s+)# .*$/, '').trim()
}

function markdownUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => relative(ROOT, join(ROOT, folder, file)))
    .sort()
}
