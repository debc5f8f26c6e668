/** CPU time of the calling thread alone, in nanoseconds. */
export function threadCpuNs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) * 1000
}
