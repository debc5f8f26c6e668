import { readFileSync } from 'node:fs'
import { runProcess } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/^## (.*)\n[\s\S]*?^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, title = '', code = '']) => [title, code] as const,
)

/** What an example says that it prints: behind a call of `console.log`, or in lines of their own at the end. */
const promised = (code: string) => [...code.matchAll(/(?:console\.log\(.*\) |^)\/\/ (.*)$/gm)].map(([, line]) => line)

it('has an example for each use', () => {
  expect(examples.map(([title]) => title)).toEqual([
    'Values',
    'Frames',
    'Compression',
    'Schemas',
    'Two ends that agree',
    'Codecs of your own',
  ])
})

it.each(examples)('the example of %s prints what it says', async (_, code) => {
  const { stdout, stderr } = await runProcess({
    command: process.execPath,
    args: ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '-e', code],
    cwd: import.meta.dirname,
  })
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toEqual(promised(code))
})
