import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { formatLine, LONGEST_LINE } from '../src/order-file/format-line.ts'
import { createMessage, MessageType, type OrderMessage } from '../src/order-file/message.ts'
import { parseLine } from '../src/order-file/parse-line.ts'

const GOOD = '34200.004241176,1,16113575,18,5853300,-1'

/** What a line says, or undefined when it is no message. Stands among other bytes, so that reading beyond its ends shows. */
function parse(line: string): OrderMessage | undefined {
  const text = new TextEncoder().encode(line)
  const results = ['1,1', '-.,'].map(around => {
    const bytes = new TextEncoder().encode(`${around}${line}${around}`)
    const message = createMessage()
    return parseLine(bytes, around.length, around.length + text.length, message) ? message : undefined
  })
  expect(results[0]).toEqual(results[1])
  return results[0]
}

function format(message: OrderMessage): string {
  const target = new Uint8Array(LONGEST_LINE + 8)
  const end = formatLine(message, target, 5)
  return new TextDecoder().decode(target.subarray(5, end))
}

/** The good line with one column replaced. */
function withColumn(column: number, value: string, type = '1'): string {
  const columns = GOOD.split(',')
  columns[1] = type
  columns[column - 1] = value
  return columns.join(',')
}

describe('a line of an order file', () => {
  it('is a message of six columns', () => {
    expect(parse(GOOD)).toEqual({ time: 34_200_004_241_176, type: 1, id: 16_113_575, size: 18, price: 5_853_300, side: -1 })
    expect(parse('0,4,0,1,1,1')).toEqual({ time: 0, type: 4, id: 0, size: 1, price: 1, side: 1 })
  })

  it.each([1, 2, 3, 4, 5, 7])('may have type %i', type => {
    expect(parse(withColumn(2, String(type)))?.type).toBe(type)
  })

  it('may end with a carriage return, and with one only', () => {
    expect(parse(`${GOOD}\r`)).toEqual(parse(GOOD))
    for (const line of [`${GOOD}\r\r`, `\r${GOOD}`, `${GOOD}\r `, GOOD.replace(',1,', ',1\r,')])
      expect(parse(line), JSON.stringify(line)).toBeUndefined()
  })

  it.each([
    ['0', 0],
    ['34200', 34_200_000_000_000],
    ['34200.1', 34_200_100_000_000],
    ['34200.000000001', 34_200_000_000_001],
    ['34200.999999999', 34_200_999_999_999],
    ['34200.0', 34_200_000_000_000],
    ['34200.123456789000', 34_200_123_456_789],
    ['35821.088778456004', 35_821_088_778_456],
    ['35821.0887784564', 35_821_088_778_456],
    ['35821.0887784565', 35_821_088_778_457],
    ['35821.9999999996', 35_822_000_000_000],
    ['35821.00000000049999999999999999999', 35_821_000_000_000],
    ['0.3', 300_000_000],
    ['57599.07', 57_599_070_000_000],
    ['9007199.254740991', Number.MAX_SAFE_INTEGER],
    ['0034200.5', 34_200_500_000_000],
  ])('has the time %s, which is %i ns', (text, time) => {
    expect(parse(withColumn(1, text))?.time).toBe(time)
  })

  it.each([
    ...[
      '',
      '.',
      '.5',
      '34200.',
      '34200.1.2',
      '-1',
      '+1',
      '-0.5',
      '1e5',
      '34200.1e3',
      '0x10',
      'NaN',
      'Infinity',
      ' 1',
      '1 ',
      '1_0',
      '34200,5',
      '٣',
    ],
    ...[
      '34200.123456789x',
      '34200.1234567890x',
      '34200.1234567891.2',
      '9007199.2547409915',
      '9007199.254740992',
      '9007200',
      '9007199254740993',
      '99999999999999999999',
      '09:30',
    ],
  ])('is no message with the time %j', text => {
    expect(parse(withColumn(1, text))).toBeUndefined()
  })

  it.each(['', '0', '6', '8', '9', '-1', '+1', '01', '11', '10', '1.0', 'a', ' 1', '1 ', '/', ':'])(
    'is no message with the type %j',
    text => {
      expect(parse(withColumn(2, '1').replace(',1,', `,${text},`))).toBeUndefined()
    },
  )

  it.each([1, 2, 3, 4, 5])('of type %i has a whole id from 0 to 2^53 - 1', type => {
    for (const id of ['0', '1', '9007199254740991', '0009007199254740991'])
      expect(parse(withColumn(3, id, String(type)))?.id).toBe(Number(id))
    for (const id of [
      '',
      '-1',
      '-0',
      '+1',
      '1.0',
      '1e3',
      '0x1',
      ' 1',
      '1 ',
      'a',
      '1a',
      '9007199254740992',
      '9007199254740993',
      '9'.repeat(17),
      '9'.repeat(400),
    ])
      expect(parse(withColumn(3, id, String(type))), id).toBeUndefined()
  })

  it.each([
    ['size', 4],
    ['price', 5],
  ])('has a whole %s from 1 to 2^32 - 1, whatever its type but 7', (name, column) => {
    for (const type of ['1', '2', '3', '4', '5']) {
      for (const value of ['1', '100', '4294967295', '007'])
        expect(parse(withColumn(column, value, type))).toMatchObject({ [name]: Number(value) })
      for (const value of [
        '',
        '0',
        '00',
        '-1',
        '+1',
        '1.5',
        '1.0',
        '1e3',
        '0x1',
        ' 1',
        '1 ',
        'a',
        '4294967296',
        '9007199254740993',
        '9'.repeat(40),
      ])
        expect(parse(withColumn(column, value, type)), `${type} ${value}`).toBeUndefined()
    }
  })

  it('has the direction 1 or -1', () => {
    expect(parse(withColumn(6, '1'))?.side).toBe(1)
    expect(parse(withColumn(6, '-1'))?.side).toBe(-1)
    for (const side of ['', '0', '2', '-2', '+1', '01', '-01', '1.0', '--1', '-', 'B', ' 1', '1 ', '11', '-11', '\u00001'])
      expect(parse(withColumn(6, side)), side).toBeUndefined()
  })

  it('has neither fewer nor more columns', () => {
    const columns = GOOD.split(',')
    for (let count = 0; count < 6; count++) expect(parse(columns.slice(0, count).join(',')), String(count)).toBeUndefined()
    for (const line of [
      `${GOOD},`,
      `,${GOOD}`,
      `${GOOD},1`,
      GOOD.replaceAll(',', ';'),
      GOOD.replaceAll(',', '\t'),
      ',,,,,',
      ',,,,',
      '',
      '\r',
      ' ',
      GOOD + GOOD,
    ])
      expect(parse(line), JSON.stringify(line)).toBeUndefined()
  })

  it('is not a header, a byte order mark, or bytes of something else', () => {
    for (const line of [
      'time,type,id,size,price,direction',
      `\ufeff${GOOD}`,
      '\u001f\u008b\u0008\u0000',
      `"${GOOD}"`,
      GOOD.replaceAll(',', '","'),
      `# ${GOOD}`,
    ])
      expect(parse(line), JSON.stringify(line)).toBeUndefined()
  })

  it('is no message with any one byte replaced by one that is no digit, comma, point or minus', () => {
    for (let at = 0; at < GOOD.length; at++)
      for (const byte of ['x', ' ', '\0', '\n', '+', '/', ':', 'e', '\u007f'])
        expect(parse(GOOD.slice(0, at) + byte + GOOD.slice(at + 1)), `${at} ${JSON.stringify(byte)}`).toBeUndefined()
  })

  it('is no message with one comma gone or one too many, wherever', () => {
    for (let at = 0; at < GOOD.length; at++) {
      if (GOOD[at] === ',') expect(parse(GOOD.slice(0, at) + GOOD.slice(at + 1))).toBeUndefined()
      expect(parse(`${GOOD.slice(0, at)},${GOOD.slice(at)}`)).toBeUndefined()
    }
  })
})

describe('a halt', () => {
  it.each([
    ['34200.5,7,0,0,-1,-1', { id: 0, size: 0, price: 0, side: -1 }],
    ['34200.5,7,0,0,0,-1', { id: 0, size: 0, price: 0, side: -1 }],
    ['34200.5,7,0,0,1,1', { id: 0, size: 0, price: 1, side: 1 }],
    ['34200.5,7,-1,-1,-1,0', { id: 0, size: 0, price: 0, side: 0 }],
    ['34200.5,7,16113575,18,5853300,-1', { id: 16_113_575, size: 18, price: 5_853_300, side: -1 }],
    ['34200.5,7,9007199254740992,4294967296,4294967296,7', { id: 0, size: 0, price: 0, side: 0 }],
  ])('%s is read as what its fields can hold', (line, fields) => {
    expect(parse(line)).toEqual({ time: 34_200_500_000_000, type: MessageType.halt, ...fields })
  })

  it('still has six columns with whole numbers in all of them', () => {
    for (let column = 3; column <= 6; column++)
      for (const value of ['', '-', '--1', '1.5', 'a', ' 1', '1 ', '1-', '+1'])
        expect(parse(withColumn(column, value, '7')), `${column} ${value}`).toBeUndefined()
    for (const line of ['34200.5,7', '34200.5,7,0,0,-1', '34200.5,7,0,0,-1,-1,0', '34200.5,7,0,0,-1,', ',7,0,0,-1,-1', 'a,7,0,0,-1,-1'])
      expect(parse(line), line).toBeUndefined()
  })
})

describe('a formatted message', () => {
  it.each([
    GOOD,
    '0,1,0,1,1,1',
    '34200.5,2,1,1,1,-1',
    '34200.000000001,3,12,1,1,1',
    '9007199.254740991,5,9007199254740991,4294967295,4294967295,-1',
    '34210,7,0,0,0,0',
  ])('is the line that it was read from: %s', line => {
    const message = parse(line)
    expect(message).toBeDefined()
    if (message !== undefined) expect(format(message)).toBe(`${line}\n`)
  })

  it('is never longer than LONGEST_LINE, and writes nothing behind its end', () => {
    const target = new Uint8Array(200).fill(1)
    const most = Number.MAX_SAFE_INTEGER
    const end = formatLine({ type: 1, time: most, id: most, size: 2 ** 32 - 1, price: 2 ** 32 - 1, side: -1 }, target, 0)
    expect(end).toBeLessThanOrEqual(LONGEST_LINE)
    expect(target.subarray(end)).toEqual(new Uint8Array(200 - end).fill(1))
  })

  it('reads back as the same message, for any message', () => {
    const random = new SeededRandom(21)
    const types = Object.values(MessageType)
    const wide = () => (random.below(2 ** 21) * 2 ** 32 + random.below(2 ** 32)) / 2 ** random.below(53)
    for (let round = 0; round < 20_000; round++) {
      const type = types[random.below(types.length)] ?? 1
      const u32 = () => Math.max(1, Math.floor(random.below(2 ** 32) / 2 ** random.below(32)))
      const message = {
        type,
        time: Math.floor(wide()),
        id: Math.floor(wide()),
        size: u32(),
        price: u32(),
        side: random.below(2) === 0 ? 1 : -1,
      }
      const line = format(message)
      expect(parse(line.slice(0, -1)), line).toEqual(message)
    }
  })
})
