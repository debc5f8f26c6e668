import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { directoryArchive, openArchive, openJournal } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { KilledJournal } from '../kills/killed-journal.ts'
import type { ModelLogs } from '../model-logs.ts'

const program = fileURLToPath(new URL('../kills/archived-life.ts', import.meta.url))

/** Opens the journal with its archive, waits until that has everything, and compares what can be read with all that was ever appended and not replaced. */
async function compare(path: string, archivePath: string, everything: ModelLogs): Promise<void> {
  const to = directoryArchive(archivePath)
  const journal = await openJournal(path, { segmentBytes: 32 * 1024, archive: { to, onFailure: error => expect(error).toBeUndefined() } })
  await journal.archiving?.settled()
  const archive = await openArchive(to, { live: { dir: path, journal } })
  for (const [id, log] of everything) {
    const found: (readonly [number, string])[] = []
    for await (const batch of archive.read(id, log.first))
      found.push(...batch.map(({ index, data }) => [index as number, new TextDecoder().decode(data)] as const))
    expect([id, found]).toEqual([id, log.entries.map(({ text }, i) => [log.first + i, text])])
  }
  await journal.close()
}

describe('a journal that is archived, whose process is killed with kill -9', () => {
  it(
    'has in archive and directory together all that was ever durable',
    () =>
      withSeed('kills of archivers', async random => {
        using dir = temporaryDirectory()
        const journal = new KilledJournal(dir, true)
        for (let life = 0; life < 3; life++) await journal.live(program, [`${random.u32()}`], random.between(30, 120))
        await compare(journal.path, dir.join('archive'), journal.everything)
        expect(readdirSync(dir.join('archive')).length).toBeGreaterThan(10)
      }),
    120_000,
  )
})
