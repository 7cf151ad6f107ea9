import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Import it for its effect: children of the importing process compile their code once, not at every start. */
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'leanmesh-test-compile-cache')
