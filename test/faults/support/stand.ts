/** A sidecar process that dials real peers over links that a test may break, with a witness that scrapes all through. */
import { readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type Exposition, readExposition } from './exposition-values.ts'
import { type Holdings, holdingsOf } from './holdings.ts'
import { type LinkFault, seededRandom } from './link-fault.ts'
import { BLOCK, LISTEN, Member, type MemberKind, namesOf } from './member.ts'
import { type SidecarCommand, SidecarProcess, until } from './sidecar-process.ts'
import { Witness } from './witness.ts'

const MEMBERS: readonly MemberKind[] = [
  ['rust_0', 'rust', 'quic'],
  ['go_0', 'go', 'quic'],
  ['rust_1', 'rust', 'tcp'],
  ['go_1', 'go', 'tcp'],
]
const LISTENS = Object.values(LISTEN).flatMap((address) => ['--listen', address])
/** After a silence that ends a connection, and what its timers take: QUIC's idle timeout of 4 s, over TCP 20 s in steps of 5 s. */
export const NOTICED_MS = { quic: 7000, tcp: 28_000 }
/** A connection that a test keeps would be a handle that the sidecar does not give back. */
const NOT_KEPT = { headers: { connection: 'close' } }
const COLLECTED_AFTER_MS = 500
const START_MS = 30_000

export interface StandOptions extends Partial<SidecarCommand> {
  /** Of the links' luck. */
  seed?: number
  /** Whether to wait until every peer is in the mesh. Default true. */
  untilRight?: boolean
}

/** What the sidecar and its swarm hold, added up. */
export interface StandHoldings extends Holdings {
  readonly swarms: number
  /** Of both, and only those that keep a process alive. */
  readonly timers: number
}

export class Stand implements AsyncDisposable {
  readonly folder: string
  readonly namesFile: string
  readonly #clockFile: string
  readonly members: readonly Member[]
  readonly sidecar: SidecarProcess
  readonly witness: Witness
  readonly #absences = new Map<string, number>()
  readonly #ends: AsyncDisposableStack

  private constructor(folder: string, members: readonly Member[], sidecar: SidecarProcess, ends: AsyncDisposableStack) {
    this.folder = folder
    this.namesFile = join(folder, 'names.json')
    this.#clockFile = join(folder, 'clock')
    this.members = members
    this.sidecar = sidecar
    this.witness = new Witness(sidecar.url, this.#absences)
    this.#ends = ends
  }

  static async start({ seed = 1, untilRight = true, args = [], ...command }: StandOptions = {}): Promise<Stand> {
    await using ends = new AsyncDisposableStack()
    const { path } = ends.use(await temporaryFolder())
    const random = seededRandom(seed)
    const members = await Promise.all(MEMBERS.map((member) => Member.start(member, random)))
    for (const member of members) ends.use(member)
    await writeFile(join(path, 'names.json'), namesOf(members))
    await writeFile(join(path, 'sidecar.key'), randomBytes(32).toString('hex'), { mode: 0o600 })
    const files = ['--names', join(path, 'names.json'), '--identity', join(path, 'sidecar.key')]
    const addresses = members.flatMap(({ address }) => ['--peers', address])
    const env = { ...command.env, TEST_FOLDER: path }
    const all = {
      ...command,
      env,
      args: [...files, ...addresses, ...(args.includes('--listen') ? [] : LISTENS), ...args],
    }
    const sidecar = ends.use(await SidecarProcess.spawn(all))
    await sidecar.serving()
    const stand = new Stand(path, members, sidecar, ends.move())
    if (untilRight) await stand.untilRight(START_MS)
    return stand
  }

  async scrape(): Promise<Exposition> {
    return readExposition(await (await fetch(new URL('metrics', this.sidecar.url), NOT_KEPT)).text())
  }

  /** Sets the wall clock of every process of the sidecar off, now and for those to come. */
  async stepClock(offMs: number): Promise<void> {
    await writeFile(this.#clockFile, String(Math.round(offMs)))
    for (const pid of [this.sidecar.pid, ...this.sidecar.swarmPids()]) process.kill(pid, 'SIGUSR2')
  }

  /** Breaks, or with `{}` mends, the links to these members. */
  setLinks(fault: LinkFault, members = this.members): void {
    for (const { name, link, transport } of members) {
      link.fault = fault
      if (fault.isCut === true) this.#absences.set(name, performance.now() + NOTICED_MS[transport])
      else this.#absences.delete(name)
    }
  }

  async kill(members = this.members): Promise<void> {
    await Promise.all(members.map((member) => member.kill()))
    for (const { name } of members) this.#absences.set(name, performance.now() + NOTICED_MS.quic)
  }

  async comeBack(members = this.members): Promise<void> {
    for (const { name } of members) this.#absences.delete(name)
    await Promise.all(members.map((member) => member.comeBack()))
  }

  /** Waits until the gauge is 1 for all and every peer has the sidecar in its mesh; gives the milliseconds that it took. */
  async untilRight(withinMs: number): Promise<number> {
    const startedAt = performance.now()
    await until('the right mesh', () => this.#isRight(), withinMs).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.#describe()}`)
    })
    return performance.now() - startedAt
  }

  /** Without garbage. @throws Error when a process has ended */
  async holdings(): Promise<StandHoldings> {
    const swarms = this.sidecar.swarmPids()
    const pids = [this.sidecar.pid, ...swarms]
    for (const pid of pids) process.kill(pid, 'SIGUSR2')
    await delay(COLLECTED_AFTER_MS)
    const all = pids.map(holdingsOf)
    const sum = (what: keyof Holdings) => all.reduce((total, one) => total + one[what], 0)
    const timers = await Promise.all(
      pids.map((pid) => readFile(join(this.folder, `${pid}.timers`), 'utf8').catch(() => '0')),
    )
    return {
      swarms: swarms.length,
      timers: timers.reduce((total, one) => total + Number(one), 0),
      memoryMiB: sum('memoryMiB'),
      handles: sum('handles'),
      threads: sum('threads'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.witness.stop()
    await this.#ends.disposeAsync()
  }

  async #isRight(): Promise<true | undefined> {
    const now = await this.scrape().catch(() => undefined)
    const own = now && (await this.#ownPeerId())
    if (!now || own === undefined) return undefined
    const isMeshed = this.members.every(({ name }) => now.value('lean_gossip_mesh_peers', { client: name }) === 1)
    const isTold = !now.all('leanmesh_refresher_success').includes(0) && now.value('lean_gossip_mesh_running') === 1
    const isSeen = this.members.every(({ peer }) => peer.meshOf(BLOCK).includes(own))
    return isMeshed && isTold && isSeen ? true : undefined
  }

  async #ownPeerId(): Promise<string | undefined> {
    const document = (await (await fetch(new URL('v1/mesh', this.sidecar.url), NOT_KEPT)).json()) as {
      networks: { peerId?: string }[]
    }
    return document.networks[0]?.peerId
  }

  async #describe(): Promise<string> {
    const document = await fetch(new URL('v1/mesh', this.sidecar.url)).then(
      (response) => response.text(),
      (error: unknown) => String(error),
    )
    const sides = this.members.map(({ name, peer }) => `${name}: ${JSON.stringify(peer.state())}`)
    return [document, ...sides, ...this.sidecar.log.slice(-20)].join('\n')
  }
}
