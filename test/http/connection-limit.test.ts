import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { rawConnection, startServer } from './admin-fixture.ts'

async function answered(socket: Socket): Promise<void> {
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
}

test('of connections that were answered, the one that has asked nothing for longest makes room', async () => {
  const { port, server } = await startServer({}, { maxConnections: 2 })
  const [older, newer] = [await rawConnection(port), await rawConnection(port)]
  await answered(older.socket)
  await answered(newer.socket)
  await answered(older.socket)
  const next = await rawConnection(port)
  expect(await newer.text).toContain('200 OK')
  await answered(older.socket)
  await answered(next.socket)
  expect(server.droppedConnections).toBe(1)
})

test('connections from one port of a client to several addresses of the server count each', async () => {
  const { port, server } = await startServer({}, { host: '0.0.0.0', maxConnections: 1 })
  const first = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' })
  onTestFinished(() => void first.destroy())
  await once(first, 'connect')
  const { localPort = 0 } = first
  const second = connect({ port, host: '127.0.0.2', localAddress: '127.0.0.1', localPort })
  onTestFinished(() => void second.destroy())
  await once(first, 'close')
  expect(server.droppedConnections).toBe(1)
})
