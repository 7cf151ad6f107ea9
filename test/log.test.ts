import { describe, expect, test } from 'vitest'
import { createLogger, type LogOptions } from '../src/log.ts'

function logTo(options: Partial<LogOptions>) {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', format: 'json', ...options }, { write: (line) => void lines.push(line) })
  return { logger, lines }
}

describe('the log', () => {
  test('is one JSON object a line, with level, time, fields and message', () => {
    const { logger, lines } = logTo({ name: 'devnet-4' })
    logger.info({ peers: 3 }, 'swarm %s started')
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { level: 'info', time: expect.any(String), name: 'devnet-4', peers: 3, msg: 'swarm %s started' },
    ])
  })

  test('in text is one line for people, without the characters that rewrite a terminal', () => {
    const { logger, lines } = logTo({ format: 'text' })
    logger.warn({ peer: '16Uiu2', reason: 'a b', err: new Error('broken\u001b[2J') }, 'lost\n\u001b[31mpeer')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}lost \[31mpeer peer=16Uiu2 reason="a b" err="broken/)
    expect(lines[0]).not.toMatch(/[\p{Cc}](?!$)/u)
  })

  test('leaves out what is below its level', () => {
    const { logger, lines } = logTo({ level: 'warn' })
    logger.info({}, 'no')
    logger.debug({}, 'no')
    logger.error({}, 'yes')
    expect(lines).toHaveLength(1)
    const silent = logTo({ level: 'silent' })
    silent.logger.error({}, 'no')
    expect(silent.lines).toEqual([])
  })

  test.each(['json', 'text'] as const)('never shows a private key (%s)', (format) => {
    const { logger, lines } = logTo({ format })
    const identityKeyHex = '5'.repeat(64)
    logger.error({ identityKeyHex, options: { swarm: { identityKeyHex } }, node: { privkey: identityKeyHex } }, 'x')
    expect(lines.join()).not.toContain(identityKeyHex)
    expect(lines.join()).toContain('[secret]')
  })

  test('cuts long texts', () => {
    const { logger, lines } = logTo({})
    logger.error({ reason: 'y'.repeat(5_000) }, 'x'.repeat(5_000))
    expect(lines.join().length).toBeLessThan(2_200)
  })
})
