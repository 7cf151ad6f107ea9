import { isListenClash, parseListenAddress, type ListenAddress } from './listen-address.ts'
import type { Problem } from './problem.ts'
import type { Settings, WhereSet } from './settings.ts'

function nameClashes(settings: Settings, whereSet: WhereSet): Problem[] {
  const first = new Map<string, number>()
  const problems: Problem[] = []
  for (const [index, { name = String(index) }] of settings.networks.entries()) {
    const other = first.get(name)
    if (other === undefined) first.set(name, index)
    else {
      const wrong = `network ${index} has the name "${name}" of network ${other} (${whereSet('name', other)})`
      problems.push({
        setting: 'name',
        where: whereSet('name', index),
        wrong,
        right: 'Give each network a name of its own.',
      })
    }
  }
  return problems
}

interface Listener extends ListenAddress {
  text: string
  where: string
}

function listeners(settings: Settings, whereSet: WhereSet): Listener[] {
  return settings.networks.flatMap(({ listen }, network) =>
    listen.flatMap((text, item) => {
      const address = parseListenAddress(text)
      return typeof address === 'string' ? [] : [{ ...address, text, where: whereSet('listen', network, item) }]
    }),
  )
}

function listenClashes(settings: Settings, whereSet: WhereSet): Problem[] {
  const all = listeners(settings, whereSet)
  const { 'http.host': host, 'http.port': port } = settings.sidecar
  const http: Listener = {
    family: host.includes(':') ? 'ip6' : 'ip4',
    host,
    transport: 'tcp',
    port,
    text: `HTTP on port ${port}`,
    where: whereSet('http.port'),
  }
  return all.flatMap((address, index) => {
    const other = [http, ...all.slice(0, index)].find((candidate) => isListenClash(address, candidate))
    if (other === undefined) return []
    const wrong = `${address.text} is taken by ${other.text} (${other.where})`
    const right = 'Use another port for one of the two, or port 0 for any free one.'
    return [{ setting: 'listen', where: address.where, wrong, right }]
  })
}

function quicTimes(settings: Settings, whereSet: WhereSet): Problem[] {
  return settings.networks.flatMap((network, index) => {
    const idle = network['quic.max_idle_timeout_ms']
    const keepAlive = network['quic.keep_alive_interval_ms']
    if (keepAlive < idle) return []
    const where = whereSet('quic.keep_alive_interval_ms', index)
    const wrong = `${keepAlive} is not less than quic.max_idle_timeout_ms, ${idle} (${whereSet('quic.max_idle_timeout_ms', index)})`
    const right = 'Use less than half of the idle timeout, for example 1500 with 4000.'
    return [{ setting: 'quic.keep_alive_interval_ms', where, wrong, right }]
  })
}

/** What is wrong between settings that are right one by one. */
export function clashes(settings: Settings, whereSet: WhereSet): Problem[] {
  return [...nameClashes(settings, whereSet), ...listenClashes(settings, whereSet), ...quicTimes(settings, whereSet)]
}
