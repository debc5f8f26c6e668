import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Event } from './event.ts'
import { type Part, percentile, type Writer } from './part.ts'
import { nowNs } from './round.ts'

/** The two ends of a channel, one for each thread. */
export function sharePorts(): MessagePort[] {
  const { port1, port2 } = new MessageChannel()
  return [port1, port2]
}

function eventOf(i: number): Event {
  return { id: i, price: i & 0xffff, size: 100, symbol: 7, side: i & 1 }
}

/** Posts each event by itself. */
export function portWriter(port: MessagePort): Writer {
  return {
    write(events) {
      for (let i = 0; i < events; i++) port.postMessage(eventOf(i))
    },
    close: () => port.close(),
  }
}

/** Posts arrays of so many events. */
export function portBurstWriter(port: MessagePort, burst: number): Writer {
  return {
    write(events) {
      for (let i = 0; i < events; ) {
        const batch: Event[] = []
        for (const end = i + burst; i < end; i++) batch.push(eventOf(i))
        port.postMessage(batch)
      }
    },
    close: () => port.close(),
  }
}

/** Adds up what comes. */
export function portConsumer(port: MessagePort): Part {
  return {
    async: true,
    play(round) {
      let seen = 0
      let sum = 0
      let limit = round.limit(0)
      const add = (view: Event) => {
        sum += view.id + view.price + view.size + view.symbol + view.side
        seen++
      }
      return new Promise(resolve => {
        const take = (message: Event | readonly Event[]) => {
          if (Array.isArray(message)) for (const one of message) add(one)
          else add(message as Event)
          if (seen >= limit) limit = round.limit(seen)
          if (seen < limit) return
          port.off('message', take)
          resolve({ events: seen, sum })
        }
        port.on('message', take)
      })
    },
    close: () => port.close(),
  }
}

/** Sends one event and waits for it to come back, again and again. */
export function portPing(port: MessagePort): Part {
  return {
    async: true,
    play(round) {
      const samples: number[] = []
      let sentNs = nowNs()
      return new Promise(resolve => {
        const take = () => {
          samples.push(nowNs() - sentNs)
          if (round.over) {
            port.off('message', take)
            port.postMessage(undefined)
            resolve({ events: samples.length, figures: { 'pingpong.messagePortP50Ns': percentile(Float64Array.from(samples), 0.5) } })
            return
          }
          sentNs = nowNs()
          port.postMessage(eventOf(samples.length))
        }
        port.on('message', take)
        port.postMessage(eventOf(0))
      })
    },
    close: () => port.close(),
  }
}

/** Sends back what comes. */
export function portPong(port: MessagePort): Part {
  return {
    async: true,
    play: () =>
      new Promise(resolve => {
        let events = 0
        const take = (message: Event | undefined) => {
          events++
          if (message !== undefined) return port.postMessage(message)
          port.off('message', take)
          resolve({ events })
        }
        port.on('message', take)
      }),
    close: () => port.close(),
  }
}
