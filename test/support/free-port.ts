import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A TCP port of loopback that was free a moment ago: for a program that has to be told its port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
