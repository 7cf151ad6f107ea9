import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SWARM_ENVIRONMENT, swarmV8Flags } from '../../src/networks/swarm-process.ts'

export interface SubjectOptions {
  /** The file to run, relative to `bench/`. */
  entry: string
  args: readonly string[]
  execPath?: string
  execArgv?: readonly string[]
  /** Defaults: what this process's own environment sets wins. */
  env?: Readonly<Record<string, string>>
}

/** A process that is measured: it answers each request with one message. */
export interface Subject extends AsyncDisposable {
  pid: number
  /** What it said when it was ready. */
  url: string
  ask<T>(request: object): Promise<T>
}

/** What a swarm's process is started with, for a subject that stands for one. */
export const AS_SWARM = { execArgv: swarmV8Flags(), env: SWARM_ENVIRONMENT }

const ANSWER_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 5000

/** Starts a subject and waits until it says `{url}`. It ends when asked to, and when this process is gone. */
export async function startSubject(options: SubjectOptions): Promise<Subject> {
  const child = fork(fileURLToPath(new URL(`../${options.entry}`, import.meta.url)), options.args, {
    execArgv: [...(options.execArgv ?? [])],
    env: { ...options.env, ...process.env },
    ...(options.execPath !== undefined && { execPath: options.execPath }),
  })
  try {
    const { url } = await answer<{ url: string }>(child)
    return {
      pid: child.pid ?? 0,
      url,
      async ask<T>(request: object) {
        const answered = answer<T>(child)
        child.send(request)
        return await answered
      },
      [Symbol.asyncDispose]: () => end(child),
    }
  } catch (error) {
    await end(child)
    throw error
  }
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const controller = new AbortController()
  const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_DEADLINE_MS), controller.signal])
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error(`the subject ${child.pid} ended`)
    })
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T]
    return message
  } finally {
    controller.abort()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  if (child.connected) child.disconnect()
  else child.kill()
  await exited
  clearTimeout(timer)
}
