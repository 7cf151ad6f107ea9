import { expect, test } from 'vitest'
import { openableUrl } from '../../src/cli/openable-url.ts'

test.each([
  ['http://0.0.0.0:44857/', 'http://127.0.0.1:44857/'],
  ['http://[::]:44857/', 'http://[::1]:44857/'],
  ['http://127.0.0.1:9464/', 'http://127.0.0.1:9464/'],
  ['http://192.0.2.1:9464/', 'http://192.0.2.1:9464/'],
])('where the sidecar listens on %s, the URL to open is %s', (url, opened) => {
  expect(openableUrl(url)).toBe(opened)
})
