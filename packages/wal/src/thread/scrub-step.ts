import type { Step } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import type { JournalStep } from '../journal/journal-step.ts'
import type { Scrubber } from '../journal/scrubber.ts'
import type { Tell } from './thread-messages.ts'

/** Scrubs a journal on its thread, beside everything else, and tells what is damaged. */
export class ScrubStep implements Step {
  readonly #scrubber: Scrubber
  readonly #tell: Tell

  constructor(journal: JournalStep, bytesPerSecond: number, tell: Tell) {
    this.#scrubber = journal.scrubber({ bytesPerSecond, onDamage: damage => tell({ kind: 'damage', error: errorToData(damage) }) })
    this.#tell = tell
  }

  step(): number {
    try {
      return this.#scrubber.step()
    } catch (error) {
      // What cannot be read is damage, too, and no reason to stop: the rest of that segment waits for the next pass.
      this.#scrubber.close()
      this.#tell({ kind: 'damage', error: errorToData(error) })
      return 0
    }
  }

  close(): void {
    this.#scrubber.close()
  }
}
