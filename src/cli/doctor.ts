import { Command } from 'commander';
import { examine } from '../distribution/doctor.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('tell what this machine has and lacks, and what to install; exit 2 if something is missing')
    .action(async () => {
      const findings = await examine(process.env);
      for (const { what, ok, found, remedy } of findings) {
        process.stdout.write(`${ok ? 'ok     ' : 'MISSING'}  ${what}: ${found}\n`);
        if (remedy !== undefined) process.stdout.write(`         ${remedy}\n`);
      }
      process.exitCode = findings.every(({ ok }) => ok) ? 0 : 2;
    });
}
