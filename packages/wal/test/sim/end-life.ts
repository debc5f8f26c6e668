import type { JournalLife } from './journal-life.ts'
import type { JournalWorld } from './journal-world.ts'

/** What must come true in a world where nothing fails any more. */
const WITHIN_MS = 20_000

/** Ends a life that is well: everything becomes durable, and what nobody needs is freed. False when the life has met damage, and ended by itself. */
export async function endLife(world: JournalWorld, life: JournalLife): Promise<boolean> {
  const { sim, ledger } = world
  const { journal } = life
  if (journal === undefined) return false
  life.quiet()
  if (!(await settle(world, life))) return false
  sim.check()
  for (const id of journal.logIds) {
    const log = journal.log(id)
    const index = (log.lastIndex as number) + 1
    if (index > log.firstIndex) ledger.note(log.truncateBefore(index), logs => logs.get(id)?.trim(index), true)
  }
  life.wake()
  if (!(await settle(world, life))) return false
  const segments = () => world.node.disk.paths().filter(path => path.endsWith('.seg'))
  await sim.eventually('segments that no log needs are freed', () => !life.isOpen || segments().length === 1, WITHIN_MS)
  return life.isOpen
}

/** Waits until everything is on stable storage: by itself, or, where nobody has asked for that, by a flush. False when the life has ended. */
async function settle({ sim }: JournalWorld, life: JournalLife): Promise<boolean> {
  const { journal } = life
  if (journal === undefined) return false
  let isSettled = () => journal.syncedLsn === journal.lastLsn
  if (life.options.durability === 'none') {
    let isFlushed = false
    isSettled = () => isFlushed
    life.perform('flush', journal.flush(), () => {
      isFlushed = true
    })
  }
  await sim.eventually('everything is on stable storage', () => !life.isOpen || isSettled(), WITHIN_MS)
  return life.isOpen
}
