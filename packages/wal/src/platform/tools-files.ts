import { readdir, readFile, stat } from 'node:fs/promises'

/** A file of a directory, with its size in bytes. */
export interface ListedFile {
  readonly name: string
  readonly bytes: number
}

/** The files of a directory, by name. One that vanishes meanwhile is left out. @throws the file system's error */
export async function listFiles(dir: string): Promise<ListedFile[]> {
  const files: ListedFile[] = []
  for (const name of (await readdir(dir)).sort()) {
    const found = await stat(`${dir}/${name}`).catch(() => undefined)
    if (found?.isFile()) files.push({ name, bytes: found.size })
  }
  return files
}

/** The process that a journal's directory says to be held by. Says nothing of whether it lives. */
export async function holderOf(dir: string): Promise<number | undefined> {
  // Never the file `lock` itself: a process that closes it loses its own lock on it.
  const text = await readFile(`${dir}/lock.pid`, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return pid > 0 ? pid : undefined
}
