import { AbortedError, DisruptorError, isDisruptorError, OptionError } from '@disruptorx/contracts'
import { errorFromData, errorToData } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'

describe('an error of DisruptorX', () => {
  it('is known by its brand and its code, not by its class', () => {
    const copied = Object.create(Object.getPrototypeOf(new OptionError('rate', -1, 'a whole number'))) as object
    expect(isDisruptorError(new OptionError('rate', -1, 'a whole number'))).toBe(true)
    expect(isDisruptorError(copied)).toBe(true)
    expect(isDisruptorError(new OptionError('rate', -1, 'a whole number'), 'DX_OPTION')).toBe(true)
    expect(isDisruptorError(new OptionError('rate', -1, 'a whole number'), 'DX_CLOSED')).toBe(false)
    for (const other of [new Error('x'), undefined, null, 'DX_OPTION', { code: 'DX_OPTION' }]) expect(isDisruptorError(other)).toBe(false)
  })

  it('names the option, the value and what is allowed', () => {
    const error = new OptionError('rate', -1, 'a whole number from 0 to 10')
    expect(error.message).toBe('option rate is -1; it must be a whole number from 0 to 10')
    expect(error.details).toEqual({ option: 'rate', value: '-1', allowed: 'a whole number from 0 to 10' })
  })

  it('shows a value that makes no text of itself', () => {
    expect(new OptionError('rate', Object.create(null), 'a number').message).toBe('option rate is [object Object]; it must be a number')
    expect(new OptionError('rate', Symbol('slow'), 'a number').message).toBe('option rate is Symbol(slow); it must be a number')
  })

  it('keeps the reason of the signal that ended it', () => {
    const reason = new Error('the user left')
    expect(new AbortedError('publish', reason).cause).toBe(reason)
  })
})

describe('an error that crosses a thread', () => {
  it('is rebuilt as its class with its code, message, values and stack', () => {
    const error = new OptionError('rate', -1, 'positive')
    const rebuilt = errorFromData(structuredClone(errorToData(error)), { DX_OPTION: OptionError })
    expect(rebuilt).toBeInstanceOf(OptionError)
    expect(rebuilt).toMatchObject({
      code: 'DX_OPTION',
      message: error.message,
      details: error.details,
      name: 'OptionError',
      stack: error.stack,
    })
  })

  it('becomes a plain error with the same code when its class is unknown here', () => {
    const rebuilt = errorFromData(structuredClone(errorToData(new OptionError('rate', -1, 'positive'))))
    expect(rebuilt).toBeInstanceOf(DisruptorError)
    expect(rebuilt).not.toBeInstanceOf(OptionError)
    expect(rebuilt.code).toBe('DX_OPTION')
  })

  it('may be anything that was thrown', () => {
    expect(errorToData('no error at all')).toMatchObject({ code: 'DX_UNEXPECTED', message: 'no error at all' })
    expect(errorToData(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toMatchObject({ code: 'ENOSPC', message: 'full' })
  })
})
