import { describe, expect, it } from 'vitest'
import type { Check } from '../check.ts'
import { report } from '../report.ts'

const pass = (name: string, needs: string[] = []): Check => ({ name, needs, run: () => [] })
const fail = (name: string): Check => ({ name, run: () => [{ where: 'a.ts:1', what: 'is wrong' }] })

async function linesOf(checks: Check[], only?: string[]): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = []
  const ok = await report(checks, only, line => lines.push(line.replace(/\(\d+\.\d s\)/, '(T)')))
  return { ok, lines }
}

describe('the report', () => {
  it('has a line for each check and passes when all do', async () => {
    expect(await linesOf([pass('a'), pass('b')])).toEqual({ ok: true, lines: ['pass  a (T)', 'pass  b (T)', 'all 2 checks passed'] })
  })

  it('names what a failed check found, goes on, and skips what needs it', async () => {
    expect(await linesOf([fail('a'), pass('b', ['a']), pass('c', ['b']), pass('d')])).toEqual({
      ok: false,
      lines: ['FAIL  a (T)', '      a.ts:1: is wrong', 'skip  b (needs a)', 'skip  c (needs b)', 'pass  d (T)', '3 of 4 checks failed'],
    })
  })

  it('takes a check that throws for one that failed', async () => {
    const { ok, lines } = await linesOf([{ name: 'a', run: () => Promise.reject(new Error('broken')) }])
    expect(ok).toBe(false)
    expect(lines.join()).toContain('broken')
  })

  it('runs what a chosen check needs, and nothing else', async () => {
    const { lines } = await linesOf([pass('a'), pass('b', ['a']), pass('c', ['b']), fail('d')], ['b'])
    expect(lines).toEqual(['pass  a (T)', 'pass  b (T)', 'all 2 checks passed'])
  })
})
