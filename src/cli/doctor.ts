import { Command } from 'commander';
import { checkMachine } from '../distribution/doctor.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check that this machine can run scenarios, and say what to install; exit code 2 if something is missing',
    )
    .action(async () => {
      const findings = await checkMachine(process.env);
      for (const { what, ok, found, remedy, optionalBecause } of findings) {
        const status = ok ? 'ok     ' : optionalBecause === undefined ? 'MISSING' : 'absent ';
        process.stdout.write(`${status}  ${what}: ${found}\n`);
        if (optionalBecause !== undefined) process.stdout.write(`         Not needed: ${optionalBecause}.\n`);
        else if (remedy !== undefined) process.stdout.write(`         ${remedy}\n`);
      }
      process.exitCode = findings.every(({ ok, optionalBecause }) => ok || optionalBecause !== undefined) ? 0 : 2;
    });
}
