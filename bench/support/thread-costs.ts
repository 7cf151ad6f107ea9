/** CPU microseconds of one of many, in the thread that runs JavaScript and in all others of this process. */
export interface ThreadCosts {
  mainUs: number
  othersUs: number
}

/** @param run resolves with how many were done */
export async function threadCosts(run: () => Promise<number>): Promise<ThreadCosts> {
  const [all, main] = [process.cpuUsage(), process.threadCpuUsage()]
  const done = await run()
  const each = ({ user, system }: NodeJS.CpuUsage) => (user + system) / done
  const [allUs, mainUs] = [each(process.cpuUsage(all)), each(process.threadCpuUsage(main))]
  return { mainUs, othersUs: allUs - mainUs }
}
