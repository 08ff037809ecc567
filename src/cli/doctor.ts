import { Command } from 'commander';
import { examine } from '../distribution/doctor.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check the prerequisites of this machine, and show what to install; exits with 2 if something is missing',
    )
    .action(async () => {
      const findings = await examine(process.env);
      for (const { what, ok, found, remedy, spared } of findings) {
        const status = ok ? 'ok     ' : spared === undefined ? 'MISSING' : 'none   ';
        process.stdout.write(`${status}  ${what}: ${found}\n`);
        if (spared !== undefined) process.stdout.write(`         Not needed: ${spared}.\n`);
        else if (remedy !== undefined) process.stdout.write(`         ${remedy}\n`);
      }
      process.exitCode = findings.every(({ ok, spared }) => ok || spared !== undefined) ? 0 : 2;
    });
}
