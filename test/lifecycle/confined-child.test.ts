import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { confinedArguments, confinedEnvironment } from '../../src/lifecycle/confined-child.ts'

const SUBJECT = fileURLToPath(new URL('../support/confined-subject.ts', import.meta.url))
const DENIED = 'ERR_ACCESS_DENIED'

async function attempts(execArgv: string[]): Promise<Record<string, string>> {
  const child = fork(SUBJECT, [], { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const [outcomes] = (await once(child, 'message')) as [Record<string, string>]
  await exited
  return outcomes
}

test('a confined process does what it is for, and nothing else of what takes hold of a host', async () => {
  expect(await attempts(confinedArguments(SUBJECT))).toEqual({
    'start a process': DENIED,
    'start a worker': DENIED,
    'write a file': DENIED,
    'remove a file': DENIED,
    'read a file of others': DENIED,
    'read its environment file': DENIED,
    'make code of text': 'EvalError',
    'evaluate text': 'EvalError',
    'reach a prototype by name': 'Error',
    'use a native addon': 'done',
    'read its own code': 'done',
  })
})

test('its environment has no settings of the sidecar, which may be secrets', () => {
  const env = { PATH: '/bin', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s3cret', LEANMESH_IDENTITY: 'a.key', TZ: 'UTC' }
  expect(confinedEnvironment(env)).toEqual({ PATH: '/bin', TZ: 'UTC' })
})

test('what Node is told to allow the sidecar, it does not allow a confined process', () => {
  const NODE_OPTIONS = '--permission --allow-fs-read=* --allow-child-process --max-old-space-size=96'
  expect(confinedEnvironment({ NODE_OPTIONS })).toEqual({ NODE_OPTIONS: '--max-old-space-size=96' })
  const otherWriting = '--allow_fs_read=* "--allow-fs-read=/a b" --title="a b"'
  expect(confinedEnvironment({ NODE_OPTIONS: otherWriting })).toEqual({ NODE_OPTIONS: '--title="a b"' })
  expect(confinedEnvironment({ NODE_OPTIONS: '--permission' })).toEqual({ NODE_OPTIONS: '' })
})
