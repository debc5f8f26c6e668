import { type Scenario, simulate } from '@disruptorx/testkit'
import { JournalWorld } from './journal-world.ts'

/** A journal on a disk that forgets what was not synced, and says when it fails: nothing acknowledged is ever lost, and no opening is refused. */
const scenario: Scenario = {
  name: 'journal',
  run: options => simulate(options, sim => new JournalWorld(sim, { damages: false }).run(200)),
}

export default scenario
