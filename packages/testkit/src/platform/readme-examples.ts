import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProcess } from './run-process.ts'

/** A block of TypeScript in a README. */
export interface ReadmeExample {
  /** The heading that it stands under. */
  readonly title: string
  /** What it says that it prints: in a comment behind a call of `console.log`, or in lines of comments of their own. */
  readonly promised: readonly string[]
  /**
   * Runs it in a process of its own, where the README is. Needs a Node that runs TypeScript.
   *
   * @returns the lines that it printed, those on standard error too
   */
  run(): Promise<readonly string[]>
}

/**
 * The examples of a README, in order: what it shows is to run, and to print what it says.
 *
 * @example
 * it.each(readmeExamples(new URL('../README.md', import.meta.url)).map(example => [example.title, example] as const))(
 *   'the example of %s prints what it says', async (_, { run, promised }) => expect(await run()).toEqual(promised))
 */
export function readmeExamples(readme: URL): readonly ReadmeExample[] {
  const file = fileURLToPath(readme)
  let title = ''
  const examples: ReadmeExample[] = []
  for (const [, heading, language, code = ''] of readFileSync(file, 'utf8').matchAll(/^#+ (.*)$|^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) title = heading
    else if (language === 'ts') examples.push({ title, promised: promisedBy(code), run: () => runExample(code, dirname(file)) })
  }
  return examples
}

function promisedBy(code: string): string[] {
  return [...code.matchAll(/(?:console\.log\(.*\) |^)\/\/ (.*)$/gm)].map(([, line = '']) => line)
}

async function runExample(code: string, cwd: string): Promise<readonly string[]> {
  const args = ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '-e', code]
  const { stdout, stderr } = await runProcess({ command: process.execPath, args, cwd })
  return `${stdout}${stderr}`.trimEnd().split('\n')
}
