import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
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
