import { expect, test } from 'vitest'
import { redactedUrl } from '../../src/config/values.ts'

test.each([
  ['http://user:secret@host:4318/v1', 'http://…@host:4318/v1'],
  ['user:secret@host:4318', '…@host:4318'],
  ['http://user:sec/ret@host', 'http://…@host'],
  ['http://user:sec@ret@host', 'http://…@host'],
  ['http://host/?token=secret', 'http://host/?…'],
  ['http://host/#secret', 'http://host/#…'],
  ['http://host:4318/v1/metrics', 'http://host:4318/v1/metrics'],
])('%s is shown as %s', (text, shown) => {
  expect(redactedUrl(text)).toBe(shown)
})
