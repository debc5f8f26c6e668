import type { JournalWorld } from './journal-world.ts'

/** What must come true in a world where nothing fails any more. */
const WITHIN_MS = 20_000

/** Ends a life that is well: everything becomes durable, and what nobody needs is freed. */
export async function endLife(world: JournalWorld): Promise<void> {
  const { sim, ledger } = world
  const { life } = world
  const journal = life?.journal
  if (life === undefined || journal === undefined) throw new Error('the journal is not open')
  life.quiet()
  await settle(world)
  sim.check()
  for (const id of journal.logIds) {
    const log = journal.log(id)
    const index = (log.lastIndex as number) + 1
    if (index > log.firstIndex) ledger.note(log.truncateBefore(index), logs => logs.get(id)?.trim(index))
  }
  life.wake()
  await settle(world)
  const segments = () => world.node.disk.paths().filter(path => path.endsWith('.seg'))
  await sim.eventually('segments that no log needs are freed', () => segments().length === 1, WITHIN_MS)
}

async function settle({ sim, life }: JournalWorld): Promise<void> {
  const journal = life?.journal
  if (life === undefined || journal === undefined) return
  if (life.options.durability === 'none') {
    let flushed = false
    life.perform('flush', journal.flush(), () => {
      flushed = true
    })
    await sim.eventually('what was written is flushed', () => flushed, WITHIN_MS)
  } else await sim.eventually('everything is on stable storage', () => journal.syncedLsn === journal.lastLsn, WITHIN_MS)
}
