import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { childEnvironment, pinnedNode, root } from '../environment.mjs'

const pinned = manifest.devDependencies.node

describe('everything that the launcher starts runs on the pinned Node', () => {
  it('tests do', () => {
    expect(process.versions.node).toBe(pinned)
    expect(realpathSync(process.execPath)).toBe(realpathSync(pinnedNode))
  })

  it('the children of tests do', () => {
    expect(execFileSync(process.execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()).toBe(pinned)
    expect(execFileSync('node', ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()).toBe(pinned)
  })

  it('worker threads do', async () => {
    const worker = new Worker(`require('node:worker_threads').parentPort.postMessage(process.versions.node)`, { eval: true })
    const [version] = await once(worker, 'message')
    await worker.terminate()
    expect(version).toBe(pinned)
  })

  it('turbo tasks do, though npm and the machine offer other ones', () => {
    const offered = { ...process.env, PATH: '/usr/local/bin:/usr/bin:/bin', NODE: '/usr/bin/node', npm_node_execpath: '/usr/bin/node' }
    const env = childEnvironment(offered, { mark: 'test', pinned: true })
    const args = [join(root, 'node_modules/turbo/bin/turbo'), 'run', 'which-node', '--filter=@disruptorx/tools', '--ui=stream']
    const output = execFileSync(pinnedNode, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(/which-node: (\/\S+)/.exec(output)?.[1]).toBe(realpathSync(pinnedNode))
  })
})

describe('the environment of children', () => {
  const base = { PATH: `${join(root, 'node_modules/.bin')}:/usr/bin`, HOME: '/h', npm_config_registry: 'r', npm_config_local_prefix: '/x' }

  it('keeps what is the user’s and drops what an outer npm says about itself', () => {
    const outer = {
      ...base,
      NODE: '/n',
      NODE_PATH: '/n',
      INIT_CWD: '/i',
      npm_execpath: '/n',
      npm_lifecycle_event: 'start',
      npm_package_name: 'x',
    }
    const { PATH, DISRUPTORX_BOOT, ...rest } = childEnvironment(outer, { mark: 'm', pinned: true })
    expect(DISRUPTORX_BOOT).toBe('m')
    expect(PATH).toBe(base.PATH)
    expect(rest).toEqual({ HOME: '/h', npm_config_registry: 'r', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' })
  })

  it('offers no Node of the checkout while that is being installed', () => {
    expect(childEnvironment(base, { mark: 'm', pinned: false }).PATH?.split(':')[0]).toBe('/usr/bin')
  })

  it('adds its mark to those of the launchers above', () => {
    expect(childEnvironment({ ...base, DISRUPTORX_BOOT: 'outer' }, { mark: 'm', pinned: true }).DISRUPTORX_BOOT).toBe('outer,m')
  })
})
