import { describe, expect, test } from 'vitest'
import { isOnReadOnlyMount, isReadOnlyPath } from '../../src/genesis/read-only-mount.ts'

const MOUNTS = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /etc/leanmesh/key ro,relatime - tmpfs tmpfs rw,size=8k
31 22 0:41 / /media/a\\040disk rw - iso9660 /dev/sr0 ro,nojoliet
32 22 0:42 / /over ro - tmpfs tmpfs rw
33 32 0:43 / /over rw - tmpfs tmpfs rw
`

describe('a read-only mount', () => {
  test.each([
    ['/etc/leanmesh/key/sidecar.key', true],
    ['/etc/leanmesh/key', true],
    ['/etc/leanmesh/keys/sidecar.key', false],
    ['/media/a disk/sidecar.key', true],
    ['/over/sidecar.key', false],
    ['/home/sidecar.key', false],
  ])('%s is on one: %s', (path, expected) => {
    expect(isReadOnlyPath(MOUNTS, path)).toBe(expected)
  })

  test('is not taken for granted where nothing is known of mounts', async () => {
    expect(isReadOnlyPath('', '/home/sidecar.key')).toBe(false)
    expect(await isOnReadOnlyMount('/there/is/no/such.key')).toBe(false)
  })
})
