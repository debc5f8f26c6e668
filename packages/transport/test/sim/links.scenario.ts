import { type Scenario, simulate } from '@disruptorx/testkit'
import { LinkWorld } from './link-world.ts'

/** Links over a network and between nodes that fail: one for each pair, and on it all in order and without gaps. */
const scenario: Scenario = { name: 'links', run: options => simulate(options, sim => new LinkWorld(sim).run()) }

export default scenario
