import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Loaded into a command by `node --import`: when it ends, writes its peak resident memory, in bytes, to the file that
 * REMIGRATE_BENCH_PEAK names.
 */
process.on('exit', () => writeFileSync(process.env.REMIGRATE_BENCH_PEAK, String(peak())));

function peak() {
  // Linux's own count, not getrusage's, which includes the peak of this process's parent (fs/exec.c, exec_mmap).
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}
