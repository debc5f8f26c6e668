import { readFileSync } from 'node:fs'
import { runProcess } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
/** The example of each section that has one, by the section's title. */
const examples = readme.split('\n## ').flatMap(section => {
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(section)?.[1]
  return code === undefined ? [] : [[section.slice(0, section.indexOf('\n')), code] as const]
})

/** What an example says that it prints: behind a call of `console.log`, or in lines of their own at the end. */
const promised = (code: string) => [...code.matchAll(/(?:console\.log\(.*\) |^)\/\/ (.*)$/gm)].map(([, line]) => line)

it('has an example for each use', () => {
  expect(examples.map(([title]) => title)).toEqual([
    'Use',
    'Structs, lists and tails in place',
    'Records: other versions of a layout',
    'Events that are kept too long',
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
