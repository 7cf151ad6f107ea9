import { createIdentity } from '../genesis/identity-file.ts'
import { EXIT_OK } from './exit-codes.ts'
import { writeLine, type CommandIo } from './io.ts'

/** `leanmesh identity`: makes a key file and prints what may be shown of it. */
export async function identityCommand({ out }: { out: string }, io: CommandIo): Promise<number> {
  const { peerId, publicKeyHex } = await createIdentity(out)
  writeLine(io.stdout, `peer id     ${peerId}\npublic key  ${publicKeyHex}`)
  return EXIT_OK
}
