import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkConfState } from '../config/configuration.ts'
import { MOST_NUMBER } from '../numbers.ts'
import type { InitialState, LogState } from './log-state.ts'

const METHODS = ['initialState', 'term', 'entries', 'snapshot'] as const

/** What a member starts from, as its log says; both held to their shape. @throws {OptionError} names the first part that is wrong @throws {ConfChangeError} */
export function checkedInitialState(logState: LogState): InitialState {
  if (typeof logState !== 'object' || logState === null) throw new OptionError('logState', logState, 'a saved log, such as a MemoryLog')
  for (const name of METHODS)
    if (typeof logState[name] !== 'function') throw new OptionError(`logState.${name}`, logState[name], 'a method, as of a MemoryLog')
  wholeNumber('logState.firstIndex', logState.firstIndex, 1, MOST_NUMBER + 1)
  wholeNumber('logState.lastIndex', logState.lastIndex, logState.firstIndex - 1, MOST_NUMBER)
  const state: InitialState = logState.initialState()
  if (typeof state !== 'object' || state === null || 'then' in state)
    throw new OptionError('logState.initialState()', state, 'an object with hardState, applied and confState, and no promise of one')
  const { hardState, confState } = state
  if (hardState !== undefined && (typeof hardState !== 'object' || hardState === null))
    throw new OptionError('logState.initialState().hardState', hardState, 'an object with term, vote and commit, or undefined')
  checkConfState('logState.initialState().confState', confState)
  return state
}
