import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { rolldown, type Plugin } from 'rolldown'
import { expect, onTestFinished, test } from 'vitest'
import { noticesOf } from '../../tools/bundle/bundle-notices.ts'
import { addonBesideItsPackage, httpAlone, oneCopyEach, packageOf } from '../../tools/bundle/bundle-plugins.ts'

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'leanmesh-bundle-')))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

function packageFiles(place: string, manifest: { name: string; version: string; license?: string }, code: string) {
  const main = { ...manifest, type: 'module', exports: './index.js' }
  return { [`${place}/package.json`]: JSON.stringify(main), [`${place}/index.js`]: code }
}

async function bundled(folder: string, plugin: Plugin): Promise<string> {
  const build = await rolldown({ input: join(folder, 'main.js'), platform: 'node', plugins: [plugin] })
  const { output } = await build.generate()
  return output[0].code
}

const MIT = { version: '1.0.0', license: 'MIT' }

test('of a package that npm keeps twice in one version one copy is bundled, and of two versions both', async () => {
  const folder = folderWith({
    'main.js': "import 'a'\nimport 'b'\nimport 'c'\n",
    ...packageFiles('node_modules/a', { name: 'a', ...MIT }, "import 'deep'"),
    ...packageFiles('node_modules/b', { name: 'b', ...MIT }, "import 'deep'"),
    ...packageFiles('node_modules/c', { name: 'c', ...MIT }, "import 'deep'"),
    ...packageFiles(
      'node_modules/a/node_modules/deep',
      { name: 'deep', version: '2.0.0' },
      "console.log('deep 2 of a')",
    ),
    ...packageFiles(
      'node_modules/b/node_modules/deep',
      { name: 'deep', version: '2.0.0' },
      "console.log('deep 2 of b')",
    ),
    ...packageFiles('node_modules/deep', { name: 'deep', version: '1.0.0' }, "console.log('deep 1')"),
  })
  const code = await bundled(folder, oneCopyEach())
  expect(code.match(/deep \d( of \w)?/g)?.toSorted()).toEqual(['deep 1', expect.stringMatching(/^deep 2 of [ab]$/)])
})

test('a module that loads an addon looks for it where its package is, and no other module is changed', async () => {
  const folder = folderWith({
    'main.js': "import 'quic'\nconsole.log(import.meta.url)\n",
    ...packageFiles('node_modules/quic', { name: 'quic', ...MIT }, "console.log(import.meta.url, './quic.linux.node')"),
  })
  const code = await bundled(folder, addonBesideItsPackage('quic'))
  expect(code).toContain('console.log(import.meta.resolve("quic"), "./quic.linux.node")')
  expect(code).toContain('console.log(import.meta.url)')
})

test('a package that loads no addon any more ends the build', async () => {
  const folder = folderWith({
    'main.js': "import 'quic'\n",
    ...packageFiles('node_modules/quic', { name: 'quic', ...MIT }, 'console.log(import.meta.url)'),
  })
  await expect(bundled(folder, addonBesideItsPackage('quic'))).rejects.toThrow(
    'no module of quic loads an addon any more',
  )
})

test('who serves HTTP does not wait for the client that Node would load with it', async () => {
  const folder = folderWith({
    'main.js': [
      "import http, { createServer } from 'node:http'",
      "import { get } from 'http'",
      "const undici = process.moduleLoadList.some((each) => each.includes('undici/undici'))",
      'console.log(createServer === http.createServer, get === http.get, undici)',
    ].join('\n'),
  })
  const run = (file: string) => execFileSync(process.execPath, [join(folder, file)], { encoding: 'utf8' }).trim()
  writeFileSync(join(folder, 'bundled.mjs'), await bundled(folder, httpAlone()))
  expect([run('main.js'), run('bundled.mjs')]).toEqual(['true true true', 'true true false'])
})

test('notices name each package once with its licence, and have its licence files', () => {
  const folder = folderWith({
    ...packageFiles('node_modules/b', { name: 'b', version: '2.0.0' }, ''),
    ...packageFiles('node_modules/@s/a', { name: '@s/a', ...MIT }, ''),
    'node_modules/@s/a/LICENSE.md': 'Copyright A\n',
    'node_modules/@s/a/NOTICE': 'Thanks\n',
    'node_modules/@s/a/README.md': 'not this',
  })
  const modules = ['main.js', ...['b/index.js', '@s/a/index.js', 'b/dist/x.js'].map((path) => `node_modules/${path}`)]
  expect(noticesOf(modules.map((module) => join(folder, module)))).toBe(
    '=== @s/a@1.0.0: MIT\n\nCopyright A\n\nThanks\n\n=== b@2.0.0: unknown\n',
  )
  expect(packageOf(join(folder, 'main.js'))).toBeUndefined()
})
