import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingOf } from '../../src/config/settings-table.ts'
import { sidecarContainer, sidecarPod } from '../support/manifests.ts'

const CHECKOUT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(CHECKOUT, path), 'utf8')
const DOCKERFILE = read('Dockerfile')

/** What follows an instruction of the Dockerfile, each time that it is there. */
function instructions(name: string): string[] {
  return [...DOCKERFILE.matchAll(new RegExp(`^${name} (.+)$`, 'gm'))].map(([, rest = '']) => rest)
}

test('the Node of the image is the one that the tests run on', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }
  expect(instructions('ARG')).toContain(`BUILD_BASE=docker.io/library/node:${devDependencies['node']}-bookworm`)
})

test('the user and the port of the image are those of the manifests', () => {
  const { securityContext, ports } = sidecarContainer(sidecarPod('example'))
  expect(instructions('USER')).toEqual([`${securityContext?.runAsUser}:${securityContext?.runAsGroup}`])
  expect(instructions('EXPOSE')).toEqual([settingOf('http.port').default])
  expect(instructions('EXPOSE')).toEqual([String(ports?.[0]?.containerPort)])
})

test('what the Dockerfile copies is there, and the build sees nothing else', () => {
  const copied = instructions('COPY').filter((rest) => !rest.startsWith('--from'))
  const sources = new Set(copied.flatMap((rest) => rest.split(' ').slice(0, -1)))
  expect([...sources].filter((path) => !existsSync(join(CHECKOUT, path)))).toEqual([])
  const lines = read('.dockerignore').split('\n')
  const [first, ...allowed] = lines.filter((line) => line !== '' && !line.startsWith('#'))
  expect(first).toBe('*')
  expect(allowed.map((line) => line.slice(1)).sort()).toEqual([...sources].sort())
})
