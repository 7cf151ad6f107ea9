import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { hashSync } from 'bcryptjs'
import { ALICE, ask, guardedServer, HASH } from './guarded-server.ts'

const USERS = `basic_auth_users:\n  alice: ${HASH}\n`
const serve = (config: string) => guardedServer({ 'web.yaml': config })

describe('users', () => {
  test('may ask with their password, others may not', async () => {
    const { url, web } = await serve(USERS)
    expect(await ask(url, { auth: ALICE })).toMatchObject({ status: 200, body: 'lean_gossip_mesh_peers 7\n' })
    for (const auth of ['alice:', 'alice:wrong', 'bob:open sesame', ':', 'alice'])
      expect(await ask(url, { auth })).toMatchObject({ status: 401, body: 'a user and a password are needed\n' })
    expect((await ask(url)).headers['www-authenticate']).toBe('Basic realm="leanmesh", charset="UTF-8"')
    expect(web.refusals().credentials).toBe(6)
  })

  test('without a good header are nobody', async () => {
    const { url } = await serve(USERS)
    const encoded = Buffer.from(ALICE).toString('base64')
    const statusOf = async (authorization: string) =>
      (await fetch(`${url}metrics`, { headers: { authorization } })).status
    expect(await statusOf(`Basic ${encoded}`)).toBe(200)
    expect(await statusOf(`basic  ${encoded}`)).toBe(200)
    for (const bad of [
      `Bearer ${encoded}`,
      'Basic',
      'Basic !!!',
      `Basic ${Buffer.from('alice').toString('base64')}`,
      encoded,
    ])
      expect(await statusOf(bad)).toBe(401)
  })

  test.each(['', 'v1/mesh', 'v1/companion', 'no-such-page'])('are asked for everywhere: /%s', async (path) => {
    const { url } = await serve(USERS)
    expect((await ask(url, { path })).status).toBe(401)
  })

  test('are not asked for where a probe looks', async () => {
    const { url } = await serve(USERS)
    expect(await ask(url, { path: 'healthz' })).toMatchObject({ status: 200, body: 'ok\n' })
    expect((await ask(url, { path: 'readyz?x=1' })).status).toBe(200)
  })

  test('are others as soon as the file says so', async () => {
    const { url, write, lines } = await serve(USERS)
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    await write('web.yaml', `basic_auth_users: { alice: ${hashSync('another', 4)} }`)
    expect((await ask(url, { auth: ALICE })).status).toBe(401)
    expect((await ask(url, { auth: 'alice:another' })).status).toBe(200)
    expect(lines).toEqual([expect.stringContaining('info the web config is read again')])
  })

  test('stay as they were while the file is bad or gone, which is told once', async () => {
    const { url, file, write, web, lines } = await serve(USERS)
    const refresh = () => void web.refresher.refresh(AbortSignal.timeout(1000))
    refresh()
    await write('web.yaml', 'basic_auth_users: { alice: plain }')
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    expect((await ask(url)).status).toBe(401)
    expect(refresh).toThrow(/basic_auth_users\.alice has no bcrypt hash/)
    await rm(file)
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    expect(refresh).toThrow(/there is no such file/)
    await write('web.yaml', USERS)
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    refresh()
    expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(['warn', 'warn'])
  })
})

describe('a password that is guessed', () => {
  test('is looked at ten times, then no more for a while, while those who know theirs go on', async () => {
    const { url, web } = await serve(USERS)
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    const statuses: number[] = []
    for (let guess = 0; guess < 14; guess += 1) statuses.push((await ask(url, { auth: `alice:${guess}` })).status)
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(4).fill(429)])
    const late = await ask(url, { auth: 'alice:late' })
    expect(late).toMatchObject({ status: 429, body: 'too many wrong passwords; wait a little\n' })
    expect(late.headers['retry-after']).toBe('6')
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    expect(web.refusals()).toMatchObject({ credentials: 10, throttled: 5 })
  })

  test('from one address costs another address nothing', async () => {
    const { url } = await serve(USERS)
    for (let guess = 0; guess < 11; guess += 1) await ask(url, { auth: `alice:${guess}`, localAddress: '127.0.0.2' })
    expect((await ask(url, { auth: 'alice:x', localAddress: '127.0.0.2' })).status).toBe(429)
    expect((await ask(url, { auth: ALICE, localAddress: '127.0.0.3' })).status).toBe(200)
  })

  test('does not hold up a scrape, however slow its hash', async () => {
    const slow = hashSync('slow', 11)
    const { url } = await serve(`basic_auth_users: { alice: ${HASH}, slow: ${slow} }`)
    expect((await ask(url, { auth: ALICE })).status).toBe(200)
    const guesses = Array.from({ length: 4 }, (_, index) => ask(url, { auth: `slow:${index}` }))
    const guessing = { isOver: false }
    void Promise.all(guesses).then(() => (guessing.isOver = true))
    const times: number[] = []
    while (!guessing.isOver) {
      const startedAt = performance.now()
      expect((await ask(url, { auth: ALICE })).status).toBe(200)
      times.push(performance.now() - startedAt)
    }
    // On the event loop one guess alone would hold it up by a tenth of a second at a time, and four by half a second.
    expect(times.length).toBeGreaterThan(20)
    expect(times.sort((one, other) => one - other)[Math.floor(times.length / 2)]).toBeLessThan(100)
  })

  test('under a name that is not there takes as long as under one that is', async () => {
    const { url } = await serve(`basic_auth_users: { alice: ${hashSync('a', 10)} }`)
    const timeOf = async (auth: string) => {
      const startedAt = performance.now()
      expect((await ask(url, { auth })).status).toBe(401)
      return performance.now() - startedAt
    }
    await timeOf('warm:up')
    const known = Math.min(await timeOf('alice:1'), await timeOf('alice:2'), await timeOf('alice:3'))
    const unknown = Math.min(await timeOf('bob:1'), await timeOf('bob:2'), await timeOf('bob:3'))
    // The cheapest hash of the format takes a sixtieth.
    expect(unknown / known).toBeGreaterThan(0.2)
    expect(unknown / known).toBeLessThan(5)
  })

  test('many at once are not all looked at', async () => {
    const { url } = await serve(`basic_auth_users: { alice: ${hashSync('a', 10)} }`)
    const guesses = await Promise.all(
      Array.from({ length: 14 }, (_, index) =>
        ask(url, { auth: `alice:${index}`, localAddress: `127.0.1.${index + 1}` }),
      ),
    )
    const statuses = guesses.map(({ status }) => status).sort((one, other) => one - other)
    expect(statuses).toEqual([...Array<number>(8).fill(401), ...Array<number>(6).fill(429)])
  })
})

describe('headers and rate', () => {
  test('of the file are over our own, and an empty one takes ours away', async () => {
    const headers =
      '{ X-Frame-Options: sameorigin, Content-Security-Policy: "", Strict-Transport-Security: max-age=60 }'
    const { url } = await serve(`http_server_config: { headers: ${headers} }\n${USERS}`)
    for (const auth of [ALICE, 'nobody:x']) {
      const answer = await ask(url, { auth })
      expect(answer.headers).toMatchObject({
        'x-frame-options': 'sameorigin',
        'strict-transport-security': 'max-age=60',
      })
      expect(answer.headers).not.toHaveProperty('content-security-policy')
      expect(answer.headers).toHaveProperty('x-content-type-options')
    }
  })

  test('beyond the burst there is 429, but not where a probe looks', async () => {
    const { url, web } = await serve('rate_limit: { interval: 1h, burst: 3 }')
    const statuses: number[] = []
    for (let request = 0; request < 5; request += 1) statuses.push((await ask(url)).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    expect((await ask(url, { path: 'healthz' })).status).toBe(200)
    expect(web.refusals().rate_limit).toBe(2)
  })
})
