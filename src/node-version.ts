/** The lines of Node.js that the service runs on, from which minor version on. Every later line is one, too. `engines` in package.json says the same. */
const LINES = [
  [20, 19],
  [22, 13],
  [24, 11],
] as const;

/** Whether the service runs on this version of Node.js, such as 24.11.0. */
export function runsOn(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || LINES.some(([line, first]) => line === major && minor >= first);
}

/** Ends the process with 1 and a sentence where the service can't run. Call it before anything else is loaded: that may fail in a way nobody understands. */
export function insistOnNode(): void {
  const { node } = process.versions;
  if (runsOn(node)) return;
  process.stderr.write(
    `Homing needs Node.js 20.19, 22.13 or 24.11, or later in each line, and this is ${node}. Install one of those, such as the newest LTS.\n`,
  );
  process.exit(1);
}
