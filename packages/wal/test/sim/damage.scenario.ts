import { type Scenario, simulate } from '@disruptorx/testkit'
import { JournalWorld } from './journal-world.ts'

/** A journal on a disk that lies besides: bits turn over, writes go astray, syncs do nothing. Never a wrong record; what is lost is refused, or repaired. */
const scenario: Scenario = {
  name: 'damage',
  run: options => simulate(options, sim => new JournalWorld(sim, { damages: true }).run(200)),
}

export default scenario
