import { DisruptorError } from '@disruptorx/contracts'

/**
 * What kind of wrong a simulation met.
 *
 * - `invariant`: something that must always hold did not.
 * - `error`: code under test threw where it must not.
 * - `liveness`: something that must happen in time did not.
 * - `budget`: the run took more events or simulated time than it may: most likely something goes round in circles.
 */
export type SimulationFailureKind = 'invariant' | 'error' | 'liveness' | 'budget'

/** A simulated run went wrong. Code `DX_SIMULATION`; names the seed, the event and the moment; `cause` is the error behind it. */
export class SimulationError extends DisruptorError {
  readonly kind: SimulationFailureKind
  /** Number of the event during which it was noticed. */
  readonly event: number

  constructor(kind: SimulationFailureKind, reason: string, at: { seed: number; event: number; atMs: number }, cause?: unknown) {
    const place = `seed ${at.seed}, event ${at.event}, at ${at.atMs.toFixed(6)} ms`
    super('DX_SIMULATION', `${reason} (${kind}; ${place})`, { kind, reason, ...at }, { cause })
    this.kind = kind
    this.event = at.event
  }
}

/** A run was cut short at the event that its limits name. Not a failure: everything that could be checked was right so far. */
export class SimulationCutError extends DisruptorError {
  constructor(events: number) {
    super('DX_SIMULATION_CUT', `the run was cut after ${events} events, as its limits ask for`, { events })
  }
}
