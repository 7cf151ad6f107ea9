import type { MeshDocument, NetworkDocument, PeerDocument } from '../../src/verdict/mesh-document.ts'

export const ZEAM: PeerDocument = { peerId: '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE', name: 'zeam_0' }
export const REAM: PeerDocument = { peerId: '16Uiu2HAkvi2sxT75Bpq1c7yV2FjnSQJJ432d6jeshbmfdJss1i6f', name: 'ream_1' }
const STRANGER: PeerDocument = { peerId: '16Uiu2HAmPQhkD6Zg5Co2ee8ShshkiY4tDePKFARPpCS2oKSLj1E1', name: null }

export const BLOCK = '/leanconsensus/12345678/block/ssz_snappy'
const AGGREGATION = '/leanconsensus/12345678/aggregation/ssz_snappy'

/** Of a topic that lacks nothing. */
export const SUPPLY = { deficit: 0, candidates: 0, backoffs: 0 }

/** A network that stands well. */
export function network(changes: Partial<NetworkDocument> = {}): NetworkDocument {
  return {
    networkId: '0',
    phase: 'running',
    peerId: '16Uiu2HAm7TYVs6qvDKnrovd9m4vvRikc4HPXm1WyLumKSe5fHxBv',
    listenAddresses: ['/ip4/127.0.0.1/udp/9000/quic-v1/p2p/16Uiu2HAm7TYVs6qvDKnrovd9m4vvRikc4HPXm1WyLumKSe5fHxBv'],
    snapshotAgeSeconds: 0.21,
    meshPeers: 2,
    lastMessageAgeSeconds: { block: 2.8, attestation: 1.4 },
    clock: { state: 'good', offsetSeconds: 0.31 },
    connectedPeers: [STRANGER, ZEAM, REAM],
    forkDigest: '12345678',
    foreignForks: { peers: 0, digests: [] },
    topics: [
      { topic: BLOCK, subscribers: 2, mesh: [ZEAM, REAM], ...SUPPLY },
      { topic: AGGREGATION, subscribers: 1, mesh: [ZEAM], ...SUPPLY },
    ],
    targets: [
      { ...ZEAM, phase: 'connected', failures: 0 },
      { ...REAM, phase: 'connected', failures: 0 },
      {
        peerId: '16Uiu2HAmBxmMvn6cSbcTsyTnPbVEbWXSEYCt3cJtTaf6VPQpjLQF',
        name: 'qlean_2',
        phase: 'waiting',
        failures: 3,
        lastError: 'connect ECONNREFUSED 10.0.0.7:9000',
      },
    ],
    currentSlot: 1205,
    heads: [
      {
        ...ZEAM,
        headSlot: 1204,
        headRoot: 'c4'.repeat(32),
        finalizedSlot: 1196,
        finalizedRoot: 'f1'.repeat(32),
        ageSeconds: 3.4,
      },
      {
        ...REAM,
        headSlot: 1187,
        headRoot: 'b7'.repeat(32),
        finalizedSlot: 1180,
        finalizedRoot: 'a0'.repeat(32),
        ageSeconds: 29.6,
      },
    ],
    restarts: { exit: 1, killed: 0, hung: 0, memory: 0, start_failed: 0 },
    droppedCommands: { full: 0, closed: 0, uninitialized: 0 },
    ...changes,
  }
}

export function meshDocument(changes: Partial<MeshDocument> = {}): MeshDocument {
  return {
    version: '0.1.0',
    generatedAt: '2026-11-23T10:00:00.000Z',
    clientLabels: true,
    networks: [network()],
    neverSeen: [],
    ...changes,
  }
}
