/** Types of `tiers.js`, which Jest's configuration loads without a compiler. */
export function deepFilesOf(tests: string | undefined): (index: number) => boolean;

export function testFilesOf(
  folders: readonly string[],
  tests: string | undefined,
): { readonly run: readonly string[]; readonly deepNotRun: readonly string[] };
