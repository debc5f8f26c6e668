/** The thread for syncs, in one of the ways in which it can go wrong. */
export function faultyThread(
  behaviour: 'breaks' | 'fails-to-sync' | 'fails-to-write' | 'writes-half' | 'dies' | 'throws' | 'retires' | 'hangs',
): URL {
  return new URL(`./${behaviour}.ts`, import.meta.url)
}
