import { isDisruptorError } from '@disruptorx/contracts'
import type { SimulationError } from '../simulation/errors.ts'
import { Simulation } from '../simulation/simulation.ts'
import type { ScenarioFailure, ScenarioOptions, ScenarioResult } from './scenario.ts'

/**
 * Runs a world once and says what came of it: the body of a scenario.
 *
 * The world builds nodes, states invariants, lets time pass, and throws when something is wrong. After it, all invariants are checked once more. A run that
 * is cut short by its limits checks them and ends there, without the rest of the world.
 *
 * @throws {OptionError} the options
 */
export async function simulate(options: ScenarioOptions, world: (sim: Simulation) => void | Promise<void>): Promise<ScenarioResult> {
  const sim = new Simulation({ seed: options.seed, trace: options.trace ?? false, ...(options.limits && { limits: options.limits }) })
  let failure: ScenarioFailure | undefined
  let cut = false
  try {
    await world(sim)
    sim.check()
  } catch (error) {
    cut = isDisruptorError(error, 'DX_SIMULATION_CUT')
    if (!cut) failure = failureOf(error, sim)
  }
  return {
    seed: sim.seed,
    failure,
    cut,
    events: sim.events,
    simulatedMs: sim.nowMs,
    fingerprint: sim.fingerprint,
    coverage: sim.coverage.counts(),
    facts: sim.facts.counts(),
    trace: sim.trace?.lines() ?? [],
    traceDigest: sim.trace?.digest ?? '',
  }
}

function failureOf(thrown: unknown, sim: Simulation): ScenarioFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (isDisruptorError(error, 'DX_SIMULATION')) {
    const { kind, event, message, cause } = error as SimulationError
    return { kind, message, event, stack: stackOf(cause instanceof Error ? cause : error) }
  }
  return { kind: 'error', message: error.message, event: sim.events, stack: stackOf(error) }
}

function stackOf(error: Error): string {
  return error.stack ?? error.message
}
