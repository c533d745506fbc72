/** Node's flags for a process of keel's own, without those of a debugger: nobody would come to let it go on. */
export function inheritedFlags(): string[] {
  return process.execArgv.filter((flag) => !flag.startsWith('--inspect'));
}
