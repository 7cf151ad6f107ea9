#!/usr/bin/env node
import { runCli } from './cli.ts'

// A reader that goes away early, such as `head`, is no reason to fail.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

const { stdout, stderr, env } = process
process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr, env })
